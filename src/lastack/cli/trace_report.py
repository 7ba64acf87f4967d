"""What ``lastack trace`` prints of each connection: a line, or a JSON object.

Connections that took the same course differ in a few numbers only, so a bundle's text is made once, with gaps.
"""

import json
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.cli.draw import plain
from lastack.tcp.bundle import Bundle
from lastack.tcp.ends import UNSEEN

__all__ = ["SCHEMA", "address_text", "duration_text", "endpoint_text", "lines", "objects"]

SCHEMA = "lastack.trace/1"

_PORT = np.uint64(0xFFFF)
_PORT_BITS = np.uint64(16)
_SECOND = 1_000_000_000
_THOUSAND = 1000
_TIMEWAIT_LEN = 60 * _SECOND  # TCP_TIMEWAIT_LEN, include/net/tcp.h: fixed

# Years from 1970 to 9999; what a capture states beyond that is no time.
_LATEST_S = 253_402_300_799

_Integers = NDArray[np.int64]


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
    filler = _Filler(bundle, addresses)
    template = json.dumps(_document(bundle, filler), separators=(",", ":"))
    return filler.filled(template)


def _document(bundle: Bundle, filler: "_Filler") -> dict[str, object]:
    outcome, moments, put = bundle.outcome, bundle.moments, filler.put
    (orig_h, orig_p), (resp_h, resp_p) = filler.endpoints()
    start = bundle.times[:, 0]
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
            "rtt_us": put(filler.round_trip(), "%d"),
            "time_us": put(filler.between(moments.syn, moments.ack), "%d"),
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
        "orig_pkts": put(bundle.orig_sent and bundle.orig_sent.packets, "%d"),
        "resp_pkts": put(bundle.resp_sent and bundle.resp_sent.packets, "%d"),
        "orig_bytes": put(bundle.orig_sent and bundle.orig_sent.octets, "%d"),
        "resp_bytes": put(bundle.resp_sent and bundle.resp_sent.octets, "%d"),
        "start": filler.date(start),
        "duration_s": put(np.maximum(bundle.times[:, moments.end] - start, 0) / _SECOND, "%.6f"),
        "orig_states": filler.visits(outcome.orig_states, moments.orig),
        "resp_states": filler.visits(outcome.resp_states, moments.resp),
        "orig_process": filler.names(bundle.orig_process),
        "resp_process": filler.names(bundle.resp_process),
    }


class _Filler:
    """The gaps of a bundle's text, and the columns that fill them."""

    def __init__(self, bundle: Bundle, addresses: Addresses) -> None:
        self._bundle, self._addresses = bundle, addresses
        self._columns: list[Sequence[object]] = []
        self._marks: dict[str, str] = {}

    def put(self, column: NDArray[np.generic] | list[str] | None, form: str) -> object:
        """A gap to be filled from a column; None where there is none."""
        if column is None:
            return None
        # A mark that json.dumps leaves alone and that nothing else can contain.
        mark = f"<{len(self._columns)}\x7f>"
        self._columns.append(column if isinstance(column, list) else column.tolist())
        self._marks[mark] = form
        return mark

    def endpoints(self) -> tuple[tuple[object, object], tuple[object, object]]:
        """Gaps for address and port of both ends."""
        orig, resp = (
            (self.put(self.addresses(ends), '"%s"'), self.put((ends & _PORT).astype(np.int64), "%d"))
            for ends in (self._bundle.orig, self._bundle.resp)
        )
        return orig, resp

    def addresses(self, ends: NDArray[np.uint64]) -> list[str]:
        """Addresses as text."""
        numbers, which = np.unique(ends >> _PORT_BITS, return_inverse=True)
        texts = [address_text(self._addresses.octets(number << 16)) for number in numbers.tolist()]
        return [texts[number] for number in which.tolist()]

    def date(self, times: _Integers | None) -> object:
        """A gap for times, RFC 3339; None where there are none."""
        if times is None:
            return None
        seconds, rest = np.divmod(times, _SECOND)
        first = int(seconds.min())
        if int(seconds.max()) - first < 1 << 16:
            texts = [_second_text(second) for second in range(first, int(seconds.max()) + 1)]
            column = [texts[number] for number in (seconds - first).tolist()]
        else:
            column = [_second_text(second) for second in seconds.tolist()]
        micros = (rest // _THOUSAND).tolist()
        return self.put(["%s.%06dZ" % pair for pair in zip(column, micros, strict=True)], '"%s"')  # noqa: UP031 - faster

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
            {"state": state, "at_us": self.put(self.between(0, moment), "%d")}
            for state, moment in zip(states, moments, strict=True)
        ]

    def names(self, names: object) -> object:
        """A gap for names of processes."""
        if not isinstance(names, list | tuple):
            return None
        return self.put([json.dumps(name and plain(name)) for name in names], "%s")

    def filled(self, template: str) -> Iterator[str]:
        """The text of each connection."""
        template = template.replace("%", "%%")
        for mark, form in self._marks.items():
            template = template.replace(json.dumps(mark), form, 1)
        return map(template.__mod__, zip(*self._columns, strict=True))


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
    orig, resp = filler.addresses(bundle.orig), filler.addresses(bundle.resp)
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
