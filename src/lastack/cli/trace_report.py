"""What ``lastack trace`` prints of each connection: a line, or a JSON object.

Connections that took the same course differ in a few numbers only, so a bundle's text is made once, with gaps.
"""

import json
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.cli.draw import plain
from lastack.cli.trace_cells import Cells, Lines, decimal, digits, filled, looked_up
from lastack.tcp.bundle import Bundle
from lastack.tcp.ends import UNSEEN

__all__ = ["SCHEMA", "address_text", "duration_text", "endpoint_text", "lines", "object_lines", "objects"]

SCHEMA = "lastack.trace/1"

_PORT = np.uint64(0xFFFF)
_PORT_BITS = np.uint64(16)
_SECOND = 1_000_000_000
_THOUSAND = 1000
_TIMEWAIT_LEN = 60 * _SECOND  # TCP_TIMEWAIT_LEN, include/net/tcp.h: fixed

# Years from 1970 to 9999; what a capture states beyond that is no time.
_LATEST_S = 253_402_300_799

_Integers = NDArray[np.int64]


@lru_cache(1 << 16)
def address_text(octets: bytes) -> str:
    """An address of 4 or 16 octets as people write it."""
    return socket.inet_ntop(socket.AF_INET if len(octets) == 4 else socket.AF_INET6, octets)


def endpoint_text(octets: bytes, port: int) -> str:
    """Address and port.

    >>> endpoint_text(bytes([192, 0, 2, 1]), 80), endpoint_text(bytes(15) + bytes([1]), 80)
    ('192.0.2.1:80', '[::1]:80')
    """
    text = address_text(octets)
    return f"{text}:{port}" if len(octets) == 4 else f"[{text}]:{port}"


def duration_text(nanoseconds: float) -> str:
    """A length of time with three digits or so.

    >>> duration_text(812_345), duration_text(61_000_000_000), duration_text(0)
    ('812 us', '61.0 s', '0 us')
    """
    microseconds = nanoseconds / _THOUSAND
    if microseconds < 999.5:
        return f"{microseconds:.0f} us"
    if microseconds < 999_500:
        return f"{microseconds / 1000:.3g} ms"
    return f"{microseconds / 1_000_000:.1f} s"


def objects(bundle: Bundle, addresses: Addresses) -> Iterator[str]:
    """A JSON object for each connection; docs/reference/json.md has its keys."""
    cells = object_lines(bundle, addresses).cells()
    width = cells.shape[1]
    text = cells.tobytes().decode("ascii")
    return (text[at : at + width] for at in range(0, len(text), width))


def object_lines(bundle: Bundle, addresses: Addresses) -> Lines:
    """The same, to be put together."""
    filler = _Filler(bundle, addresses)
    template = json.dumps(_document(bundle, filler), separators=(",", ":"))
    return filler.filled(template)


def _document(bundle: Bundle, filler: "_Filler") -> dict[str, object]:
    outcome, moments = bundle.outcome, bundle.moments
    (orig_h, orig_p), (resp_h, resp_p) = filler.endpoints()
    return {
        "schema": SCHEMA,
        "orig_h": orig_h,
        "orig_p": orig_p,
        "resp_h": resp_h,
        "resp_p": resp_p,
        "conn_state": outcome.conn_state,
        "history": outcome.history or None,
        "handshake": {
            "kind": outcome.handshake,
            "rtt_us": filler.number(filler.round_trip()),
            "time_us": filler.number(filler.between(moments.syn, moments.ack)),
            "syn_retransmits": outcome.syn_retransmits,
            "syn_ack_retransmits": outcome.syn_ack_retransmits,
        },
        "teardown": {
            "kind": outcome.teardown or None,
            "active_closer": outcome.active_closer or None,
            "reset_by": outcome.reset_by or None,
            "reset_cause": outcome.reset_cause or None,
            "reset_reason": outcome.reset_reason or None,
        },
        "time_wait": outcome.time_wait,
        "time_wait_until": filler.date(_waits_until(bundle)),
        "took_over_time_wait": outcome.took_over or None,
        "orig_pkts": filler.number(bundle.orig_sent and bundle.orig_sent.packets),
        "resp_pkts": filler.number(bundle.resp_sent and bundle.resp_sent.packets),
        "orig_bytes": filler.number(bundle.orig_sent and bundle.orig_sent.octets),
        "resp_bytes": filler.number(bundle.resp_sent and bundle.resp_sent.octets),
        "start": filler.date(bundle.times[:, 0]),
        "duration_s": filler.duration(),
        "orig_states": filler.visits(outcome.orig_states, moments.orig),
        "resp_states": filler.visits(outcome.resp_states, moments.resp),
        "orig_process": filler.names(bundle.orig_process),
        "resp_process": filler.names(bundle.resp_process),
    }


class _Filler:
    """The gaps of a bundle's text, and what fills them."""

    def __init__(self, bundle: Bundle, addresses: Addresses) -> None:
        self._bundle, self._addresses = bundle, addresses
        self._pieces: dict[str, Cells] = {}

    def _gap(self, cells: Cells) -> str:
        # A mark that nothing else can contain; json.dumps puts it between quotes.
        mark = f"<{len(self._pieces)}\x7f>"
        self._pieces[json.dumps(mark)] = cells
        return mark

    def number(self, column: _Integers | None) -> object:
        """A gap for whole numbers; None where there are none, the number where all are the same."""
        if column is None:
            return None
        first = int(column[0])
        return first if (column == first).all() else self._gap(digits(column))

    def endpoints(self) -> tuple[tuple[object, object], tuple[object, object]]:
        """Gaps for address and port of both ends."""
        orig, resp = (
            (self._gap(looked_up(*self._quoted(ends))), self.number((ends & _PORT).astype(np.int64)))
            for ends in (self._bundle.orig, self._bundle.resp)
        )
        return orig, resp

    def _quoted(self, ends: NDArray[np.uint64]) -> tuple[list[str], NDArray[np.int64]]:
        texts, which = self.addresses(ends)
        return [f'"{text}"' for text in texts], which

    def addresses(self, ends: NDArray[np.uint64]) -> tuple[list[str], NDArray[np.int64]]:
        """The addresses that there are, and which of them is each row's."""
        numbers, which = np.unique(ends >> _PORT_BITS, return_inverse=True)
        return [address_text(self._addresses.octets(number << 16)) for number in numbers.tolist()], which

    def date(self, times: _Integers | None) -> object:
        """A gap for dates, RFC 3339; None where there are none."""
        if times is None:
            return None
        seconds, rest = np.divmod(times, _SECOND)
        first, last = int(seconds.min()), int(seconds.max())
        if last - first < len(seconds):
            found, which = np.arange(first, last + 1), seconds - first
        else:
            found, which = np.unique(seconds, return_inverse=True)
        dates = looked_up([f'"{_second_text(second)}.' for second in found.tolist()], which)
        end = np.broadcast_to(np.frombuffer(b'Z"', np.uint8), (len(seconds), 2))
        return self._gap(np.hstack((dates, digits(rest // _THOUSAND, 6), end)))

    def duration(self) -> object:
        """A gap for the seconds from the first event to the last before both sides had closed."""
        times = self._bundle.times
        return self._gap(decimal(np.maximum(times[:, self._bundle.moments.end] - times[:, 0], 0) // _THOUSAND))

    def round_trip(self) -> _Integers | None:
        """``lastack.tcp.lifecycle.round_trip`` in microseconds."""
        moments = self._bundle.moments
        if moments.syn_ack == UNSEEN:
            return self.between(moments.syn_last, moments.ack)
        there, back = self.between(moments.syn_last, moments.syn_ack), self.between(moments.syn_ack_last, moments.ack)
        return None if there is None or back is None else there + back

    def between(self, begin: int, end: int) -> _Integers | None:
        """Microseconds from one moment to another; None where one of them was not seen."""
        if UNSEEN in (begin, end):
            return None
        return (self._bundle.times[:, end] - self._bundle.times[:, begin]) // _THOUSAND

    def visits(self, states: tuple[str, ...], moments: tuple[int, ...]) -> list[dict[str, object]]:
        """States, each with the time of entering it, in microseconds from the first event."""
        return [
            {"state": state, "at_us": self.number(self.between(0, moment))}
            for state, moment in zip(states, moments, strict=True)
        ]

    def names(self, names: Sequence[str | None] | None) -> object:
        """A gap for names of processes."""
        return names and self._gap(looked_up([json.dumps(name and plain(name)) for name in names], None))

    def filled(self, template: str) -> Lines:
        """The text of each connection."""
        return filled(template, self._pieces, self._bundle.connections)


def _waits_until(bundle: Bundle) -> _Integers | None:
    """When TIME_WAIT ends, by arithmetic; None where nobody is in it."""
    outcome, moments = bundle.outcome, bundle.moments
    entries = [
        bundle.times[:, moment]
        for side, states, times in (
            ("orig", outcome.orig_states, moments.orig),
            ("resp", outcome.resp_states, moments.resp),
        )
        for state, moment in zip(states, times, strict=True)
        if state == "TIME_WAIT" and moment != UNSEEN and outcome.time_wait in {side, "both"}
    ]
    return np.max(entries, axis=0) + _TIMEWAIT_LEN if entries else None


def _second_text(second: int) -> str:
    return f"{datetime.fromtimestamp(min(max(second, 0), _LATEST_S), UTC):%Y-%m-%dT%H:%M:%S}"


def lines(bundle: Bundle, addresses: Addresses) -> Iterator[str]:
    """A line for each connection."""
    filler = _Filler(bundle, addresses)
    found = filler.addresses(bundle.orig), filler.addresses(bundle.resp)
    orig, resp = ([texts[number] for number in which.tolist()] for texts, which in found)
    what = _what_became(bundle)
    trips = filler.round_trip()
    starts = (
        datetime.fromtimestamp(min(max(time / _SECOND, 0), _LATEST_S), UTC) for time in bundle.times[:, 0].tolist()
    )
    took = (bundle.times[:, bundle.moments.end] - bundle.times[:, 0]).tolist()
    until = _waits_until(bundle)
    untils = repeat("") if until is None else (f" until {clock}" for clock in _clocks(until))
    for row, (start, waits) in enumerate(zip(starts, untils, strict=False)):
        ends = f"{_joined(orig[row], int(bundle.orig[row]))} > {_joined(resp[row], int(bundle.resp[row]))}"
        trip = "" if trips is None else f", rtt {duration_text(int(trips[row]) * _THOUSAND)}"
        names = [names[row] for names in (bundle.orig_process, bundle.resp_process) if names and names[row]]
        end = f"{what}{waits}; {_amount(bundle, row)}{duration_text(max(took[row], 0))}"
        yield (
            f"{start:%H:%M:%S.%f}  {ends:<43} {bundle.outcome.conn_state:<6} {bundle.outcome.handshake}{trip}; "
            f"{end}{''.join(f' [{plain(str(name))}]' for name in names)}"
        )


def _clocks(times: _Integers) -> Iterator[str]:
    """The time of day of each."""
    for second in (times // _SECOND).tolist():
        yield f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"


def _joined(address: str, end: int) -> str:
    return f"[{address}]:{end & 0xFFFF}" if ":" in address else f"{address}:{end & 0xFFFF}"


def _amount(bundle: Bundle, row: int) -> str:
    if not bundle.orig_sent or not bundle.resp_sent:
        return ""
    return f"{int(bundle.orig_sent.octets[row]):,} B out, {int(bundle.resp_sent.octets[row]):,} B back; "


_CLOSERS = {"orig": "client first", "resp": "server first", "both": "both at once"}
_WAITERS = {"orig": "client", "resp": "server", "both": "both"}


def _what_became(bundle: Bundle) -> str:
    """The end in words."""
    outcome = bundle.outcome
    words = []
    if outcome.syn_retransmits or outcome.syn_ack_retransmits:
        words.append(
            f"SYN sent again {outcome.syn_retransmits} times" if outcome.syn_retransmits else "SYN-ACK sent again"
        )
    if outcome.reset_by:
        words.append(f"reset by {_WAITERS[outcome.reset_by]}: {outcome.reset_reason or outcome.reset_cause}")
    elif outcome.teardown == "none":
        words.append("not closed")
    else:
        words.append(f"{outcome.teardown or 'closed'}, {_CLOSERS.get(outcome.active_closer, 'who first is not known')}")
    if outcome.took_over:
        words.append(f"took over the {_WAITERS[outcome.took_over]}'s TIME_WAIT")
    if outcome.time_wait != "none":
        words.append(f"TIME_WAIT: {_WAITERS[outcome.time_wait]}")
    return "; ".join(words)
