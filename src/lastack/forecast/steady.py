"""Where a load that goes on as it is ends up: closed forms, one flow at a time.

What bounds each state is Little's law: as many connections are in it as enter it a second, times the seconds that they
stay. What bounds the rate is what a connection keeps from the next one: its port, for as long as it is open and in
TIME_WAIT.
"""

from math import exp
from typing import Literal

from msgspec import Struct

from lastack.forecast.flow import Flow, Limits

__all__ = ["Binding", "Steady", "steady"]

Binding = Literal["ports", "tw-buckets", "files", "conntrack"]


class Steady(Struct, frozen=True, kw_only=True):
    """What a flow comes to, in the mean over a minute and more.

    Attributes:
        flow: the flow.
        opened_per_s: connections that come about a second.
        failed_per_s: tries that fail a second (EADDRNOTAVAIL), if nothing tries again.
        refused_waits_per_s: closes a second that get no TIME_WAIT for want of buckets, and reset what is late.
        states: state to sockets, at this end.
        ports_used: that a new connection cannot have; for ``passive`` 0.
        binds: what stands in the way first; None: nothing does.
        full_in_s: seconds from an empty start until it does; None: it never does.
    """

    flow: Flow
    opened_per_s: float
    failed_per_s: float
    refused_waits_per_s: float
    states: dict[str, float]
    ports_used: float
    binds: Binding | None
    full_in_s: float | None

    @property
    def failed_share(self) -> float:
        """Of the tries, 0 to 1."""
        return self.failed_per_s / self.flow.rate_per_s if self.flow.rate_per_s else 0.0


def steady(flow: Flow, limits: Limits | None = None) -> Steady:
    """The flow, alone on its host.

    >>> steady(Flow(name="db", rate_per_s=1000, ports=28_232)).full_in_s
    28.232
    """
    limits = limits or Limits()
    opened = _opened(flow)
    waiting = _time_wait(flow, opened)
    refused = _refused(flow, opened, waiting, limits.tw_buckets)
    if refused:
        waiting = float(limits.tw_buckets or 0)
    found = sorted(_fillings(flow, opened, limits), key=lambda item: item[1])
    binds, full_in_s = found[0] if found else (None, None)
    return Steady(
        flow=flow,
        opened_per_s=opened,
        failed_per_s=flow.rate_per_s - opened,
        refused_waits_per_s=refused,
        states=_states(flow, opened, waiting),
        ports_used=opened * flow.blocks_s if flow.ports else 0.0,
        binds=binds,
        full_in_s=full_in_s,
    )


def _opened(flow: Flow) -> float:
    """At most as many as give their ports back."""
    if flow.ports is None or not flow.blocks_s:
        return flow.rate_per_s
    return min(flow.rate_per_s, flow.ports / flow.blocks_s)


def _time_wait(flow: Flow, opened: float) -> float:
    """Sockets in TIME_WAIT; a port that is taken over has one the less."""
    if flow.closes == "there":
        return 0.0
    alone = opened * flow.wait_s
    if flow.role == "passive":
        return alone if flow.peer_ports is None else min(alone, _drawn((flow.peer_ports + 1) // 2, opened, flow.wait_s))
    if flow.ports is None or flow.reuse_s is None or flow.reuse_s >= flow.wait_s:
        return alone
    return min(alone, _reused(flow, opened))


def _reused(flow: Flow, opened: float) -> float:
    """TIME_WAIT where connect() takes ports over: it looks through one half of the range before the other.

    It goes on from where the last one was, past a random number of ports (__inet_hash_connect,
    net/ipv4/inet_hashtables.c), which comes to drawing a port of its half; one that nobody draws for the whole of
    ``wait_s`` becomes free.
    """
    assert flow.ports is not None
    assert flow.reuse_s is not None
    half = (flow.ports + 1) // 2
    in_first = min(opened, half / (flow.open_s + flow.reuse_s))
    return _half(half, in_first, flow) + _half(flow.ports - half, opened - in_first, flow)


def _half(ports: int, rate: float, flow: Flow) -> float:
    if rate <= 0 or ports <= 0:
        return 0.0
    return max(min(_drawn(ports, rate, flow.wait_s), ports - rate * flow.open_s), 0.0)


def _drawn(ports: int, rate: float, seconds: float) -> float:
    """How many of these ports somebody drew within so many seconds."""
    return ports * (1 - exp(-rate * seconds / ports))


def _refused(flow: Flow, opened: float, waiting: float, buckets: int | None) -> float:
    if buckets is None or buckets < 0 or waiting <= buckets:
        return 0.0
    return opened - buckets / flow.wait_s


def _states(flow: Flow, opened: float, waiting: float) -> dict[str, float]:
    half_open = "SYN_SENT" if flow.role == "active" else "SYN_RECV"
    half_closed = "FIN_WAIT2" if flow.closes == "here" else "CLOSE_WAIT"
    found = {
        half_open: opened * flow.handshake_s,
        "ESTABLISHED": opened * flow.hold_s,
        half_closed: opened * flow.linger_s,
        "TIME_WAIT": waiting,
    }
    return {state: count for state, count in found.items() if count > 0}


def _fillings(flow: Flow, opened: float, limits: Limits) -> list[tuple[Binding, float]]:
    """What fills up, and when from an empty start: it comes in at the rate, and goes again after its time."""
    closed_here = flow.closes == "here"
    kept: list[tuple[Binding, int | None, float, float]] = [
        ("ports", flow.ports, flow.rate_per_s, flow.blocks_s),
        ("files", limits.files, opened, flow.open_s),
        ("conntrack", limits.conntrack, opened, flow.open_s + limits.conntrack_wait_s),
    ]
    if closed_here and flow.reuse_s is None:
        kept.append(("tw-buckets", limits.tw_buckets, opened, flow.wait_s))
    found = []
    for what, room, rate, seconds in kept:
        if room is not None and room >= 0 and rate * seconds > room:
            delay_s = flow.open_s if what == "tw-buckets" else 0.0
            found.append((what, delay_s + room / rate))
    return found
