"""The edges of the TCP state diagram, and how many connections a second go over each.

Nobody counts transitions, so flows are made of what is counted: the MIB counters of opens, failures and resets
(RFC 4022), the dated TIME_WAIT sockets, and how the numbers in each state changed. What goes into a state, less what
stays there, comes out of it. Where ways part and nothing tells which was taken, that is said, not guessed.
"""

from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from lastack.model.census import TIME_WAIT_S
from lastack.model.change import Change
from lastack.model.flow import Flow, Moment, flow, own_window
from lastack.model.ports import blocked
from lastack.model.sample import Sample
from lastack.model.totals import by_state

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EDGES", "Edge", "EdgeFlow", "Known", "edge_flows"]

Known = Literal["counted", "at-least", "at-most", "together", "untold"]

_CLOSING_FIRST = ("FIN_WAIT1", "FIN_WAIT2", "CLOSING")


class Edge(NamedTuple):
    """One edge, RFC 9293 section 3.3.2 (figure 5), as Linux takes it.

    Attributes:
        source: the state that is left; ``CLOSE`` for no connection.
        target: the state that is entered.
        event: what takes a connection there.
        basis: what its flow is made of, or why it cannot be told.
    """

    source: str
    target: str
    event: str
    basis: str

    @property
    def id(self) -> str:
        """``SOURCE-TARGET``."""
        return f"{self.source}-{self.target}"


EDGES = (
    Edge("CLOSE", "LISTEN", "listen()", "nothing counts listen()"),
    Edge("CLOSE", "SYN_SENT", "connect(): SYN sent", "the counter ActiveOpens"),
    Edge(
        "LISTEN",
        "SYN_RECV",
        "SYN received: SYN-ACK sent",
        "PassiveOpens and the growth of SYN_RECV; requests that timed out are not counted",
    ),
    Edge("SYN_SENT", "SYN_RECV", "SYN received: SYN-ACK sent", "nothing counts simultaneous opens"),
    Edge("SYN_RECV", "ESTABLISHED", "ACK received", "the counter PassiveOpens"),
    Edge(
        "SYN_SENT",
        "ESTABLISHED",
        "SYN-ACK received: ACK sent",
        "ActiveOpens less AttemptFails and the growth of SYN_SENT; some that failed may be requests of others",
    ),
    Edge("SYN_SENT", "CLOSE", "refused or timed out", "AttemptFails, in which reset requests of others count too"),
    Edge(
        "ESTABLISHED",
        "CLOSE",
        "reset",
        "EstabResets, in which resets in CLOSE_WAIT count too",
    ),
    Edge(
        "ESTABLISHED",
        "FIN_WAIT1",
        "close(): FIN sent",
        "entries into TIME_WAIT, those refused it, and the growth of FIN_WAIT1, FIN_WAIT2 and CLOSING; closes that "
        "were given up are not counted",
    ),
    Edge(
        "ESTABLISHED",
        "CLOSE_WAIT",
        "FIN received: ACK sent",
        "what else left ESTABLISHED; closes given up and resets may be among it",
    ),
    Edge("FIN_WAIT1", "FIN_WAIT2", "ACK of FIN received", "nothing tells the three ways out of FIN_WAIT1 apart"),
    Edge("FIN_WAIT1", "CLOSING", "FIN received: ACK sent", "nothing tells the three ways out of FIN_WAIT1 apart"),
    Edge("FIN_WAIT1", "TIME_WAIT", "FIN and ACK of FIN received", "dated TIME_WAIT sockets, all ways into it together"),
    Edge("FIN_WAIT2", "TIME_WAIT", "FIN received: ACK sent", "dated TIME_WAIT sockets, all ways into it together"),
    Edge("CLOSING", "TIME_WAIT", "ACK of FIN received", "dated TIME_WAIT sockets, all ways into it together"),
    Edge("CLOSE_WAIT", "LAST_ACK", "close(): FIN sent", "what went into CLOSE_WAIT less what stayed or was reset"),
    Edge("LAST_ACK", "CLOSE", "ACK of FIN received", "what went into LAST_ACK less what stayed; some were given up"),
    Edge("TIME_WAIT", "CLOSE", "60 s over, or replaced by a new connection", "entries less the growth of TIME_WAIT"),
)


class EdgeFlow(Struct, frozen=True, kw_only=True):
    """What goes over an edge.

    Attributes:
        id: the edge's.
        per_s: connections a second; None: cannot be told.
        known: ``counted``; ``at-least`` and ``at-most``: a bound; ``together``: all edges into the same state, which
            nothing tells apart; ``untold``.
    """

    id: str
    per_s: float | None
    known: Known


def edge_flows(sample: Sample, previous: Sample | None) -> list[EdgeFlow]:
    """The flow over each edge of ``EDGES`` since the earlier sample; all untold where there is none that compares.

    Raises:
        InputError: ``malformed-sample``, ``malformed-setting``.
    """
    window = own_window(Moment(sample, previous))
    rates: Mapping[str, tuple[float, Known]] = {}
    if window is not None and previous is not None:
        rates = _rates(_Ledger(sample, previous, window), _entered(flow(sample, window), window.interval_s))
    return [_flow(edge, rates.get(edge.id)) for edge in EDGES]


def _flow(edge: Edge, rate: tuple[float, Known] | None) -> EdgeFlow:
    if rate is None:
        return EdgeFlow(id=edge.id, per_s=None, known="untold")
    return EdgeFlow(id=edge.id, per_s=round(max(rate[0], 0.0), 3), known=rate[1])


def _entered(its: Flow, interval_s: float) -> float:
    """TIME_WAIT entries a second in exactly the interval; ``flow`` has those that are dated by whole seconds."""
    span_s = min(interval_s, TIME_WAIT_S)
    if not any(its.closes):
        return its.entered_per_s
    return blocked(its.closes, span_s) / span_s + (its.taken_over + its.replaced) / ceil(span_s)


class _Ledger:
    """Counters and growth since the earlier sample, a second."""

    def __init__(self, sample: Sample, previous: Sample, window: Change) -> None:
        self._now, self._before = by_state(sample.cohorts), by_state(previous.cohorts)
        self._counters, self._interval_s = window.counters, window.interval_s

    def rate(self, counter: str) -> float | None:
        """Of a counter; None where this kernel does not show it."""
        delta = self._counters.get(counter)
        return None if delta is None else delta / self._interval_s

    def growth(self, *states: str) -> float:
        """Of the sockets in these states."""
        return sum(self._now.get(name, 0) - self._before.get(name, 0) for name in states) / self._interval_s


def _rates(ledger: _Ledger, entered: float) -> dict[str, tuple[float, Known]]:
    """The flows that can be told, by edge."""
    active, passive = ledger.rate("Tcp.ActiveOpens"), ledger.rate("Tcp.PassiveOpens")
    failed, reset = ledger.rate("Tcp.AttemptFails"), ledger.rate("Tcp.EstabResets")
    together: tuple[float, Known] = (entered, "together")
    found: dict[str, tuple[float, Known]] = {f"{name}-TIME_WAIT": together for name in _CLOSING_FIRST}
    found["TIME_WAIT-CLOSE"] = (entered - ledger.growth("TIME_WAIT"), "counted")
    if active is None or passive is None or failed is None or reset is None:
        return found
    connected = active - failed - ledger.growth("SYN_SENT")
    first = entered + (ledger.rate("TcpExt.TCPTimeWaitOverflow") or 0.0) + ledger.growth(*_CLOSING_FIRST)
    second = passive + max(connected, 0.0) - ledger.growth("ESTABLISHED") - max(first, 0.0)
    answered = second - reset - ledger.growth("CLOSE_WAIT")
    bound: Known = "at-most"
    return found | {
        "CLOSE-SYN_SENT": (active, "counted"),
        "LISTEN-SYN_RECV": (passive + ledger.growth("SYN_RECV"), "at-least"),
        "SYN_RECV-ESTABLISHED": (passive, "counted"),
        "SYN_SENT-ESTABLISHED": (connected, "at-least" if failed else "counted"),
        "SYN_SENT-CLOSE": (failed, "at-most" if failed else "counted"),
        "ESTABLISHED-CLOSE": (reset, "at-most" if reset else "counted"),
        "ESTABLISHED-FIN_WAIT1": (first, "at-least"),
        "ESTABLISHED-CLOSE_WAIT": (second, bound),
        "CLOSE_WAIT-LAST_ACK": (answered, bound),
        "LAST_ACK-CLOSE": (answered - ledger.growth("LAST_ACK"), bound),
    }
