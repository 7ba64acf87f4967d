"""Whether a change did harm: the seconds since, held against the time before.

Time is cut into windows of one length. Something is clearly worse when ``STREAK`` windows in a row are each worse than
every window before the change, by ``FACTOR``. Were nothing changed, n windows before and three since would come in
that order by chance once in (n + 1)(n + 2)(n + 3) / 6 times, which with ten is 286, and the factor makes that rarer
yet. What counts failures must also have grown as a share of the connections opened: more traffic brings more of all.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["FACTOR", "HARM", "STREAK", "WINDOWS", "Health", "Reading"]

WINDOWS = 10  # that the time before is cut into, at least
STREAK = 3
FACTOR = 2.0
_FEWEST = 10  # events, or connections, that a streak must be about

# What a rise of each means. Names as in /proc/net/snmp and /proc/net/netstat.
HARM = {
    "Tcp.AttemptFails": "connection attempts fail",
    "Tcp.EstabResets": "connections are reset",
    "Tcp.OutRsts": "resets are sent",
    "Tcp.RetransSegs": "segments are sent again",
    "TcpExt.TCPSynRetrans": "SYNs are sent again",
    "TcpExt.ListenOverflows": "connections meet a full accept queue",
    "TcpExt.ListenDrops": "connections are dropped at a listener",
    "TcpExt.TCPReqQFullDrop": "SYNs are dropped at a full queue",
    "TcpExt.TCPReqQFullDoCookies": "SYNs get a cookie for want of room",
    "TcpExt.TCPTimeWaitOverflow": "closes get no TIME_WAIT",
    "TcpExt.TCPAbortOnMemory": "connections are aborted for want of memory",
    "TcpExt.TCPAbortOnTimeout": "connections time out",
    "TcpExt.PAWSActive": "SYN-ACKs are refused for their timestamps",
    "TcpExt.PAWSEstab": "segments are refused for their timestamps",
    "TcpExt.PAWSTimewait": "SYNs meet a TIME_WAIT with a newer timestamp",
}

_TRIED = ("Tcp.ActiveOpens", "Tcp.PassiveOpens")
_FAILED = "Tcp.AttemptFails"
_OPENED = "opened"


class Reading(NamedTuple):
    """The counters at a moment.

    Attributes:
        at_s: seconds on a clock that only goes forward.
        counters: ``{"Tcp": {...}, "TcpExt": {...}}``, cumulative.
    """

    at_s: float
    counters: Mapping[str, Mapping[str, int]]


class _Window(NamedTuple):
    seconds: float
    events: dict[str, int]

    def rate(self, name: str) -> float:
        return self.events[name] / self.seconds

    def share(self, name: str) -> float:
        """Of the connections opened; where there were none, of one."""
        return self.events[name] / max(self.events[_OPENED], 1)


class Health:
    """Compares, reading by reading.

    Args:
        before: readings from before the change, evenly spaced, at least ``STREAK`` + 1.
    """

    def __init__(self, before: Sequence[Reading]) -> None:
        self._windows = [_window(*pair) for pair in pairwise(before)]
        self._seconds = before[-1].at_s - before[0].at_s
        self._last: Reading | None = None
        self._streak: deque[_Window] = deque(maxlen=STREAK)

    def regression(self, reading: Reading) -> str:
        """What is clearly worse as of this reading, a clause; empty if nothing is. The first only begins a window."""
        if self._last is not None:
            self._streak.append(_window(self._last, reading))
        self._last = reading
        if len(self._streak) < STREAK:
            return ""
        return self._fewer_opened() or next(filter(None, map(self._more, HARM)), "")

    def _fewer_opened(self) -> str:
        least = min(window.rate(_OPENED) for window in self._windows)
        most = max(window.rate(_OPENED) for window in self._streak)
        expected = least * sum(window.seconds for window in self._streak)
        if expected < _FEWEST or most * FACTOR >= least:
            return ""
        return f"connections opened: {most:,.1f}/s, at least {least:,.1f}/s in the {self._seconds:.0f} s before"

    def _more(self, name: str) -> str:
        worst = max(window.rate(name) for window in self._windows)
        least = min(window.rate(name) for window in self._streak)
        worst_share = max(window.share(name) for window in self._windows)
        least_share = min(window.share(name) for window in self._streak)
        events = sum(window.events[name] for window in self._streak)
        if events < _FEWEST or least <= FACTOR * worst or least_share <= FACTOR * worst_share:
            return ""
        before = f"at most {worst:,.1f}/s in the {self._seconds:.0f} s before"
        return f"{HARM[name]} ({name}): {least:,.1f}/s, {before}"


def _window(first: Reading, last: Reading) -> _Window:
    def delta(name: str) -> int:
        group, _, counter = name.partition(".")
        return last.counters.get(group, {}).get(counter, 0) - first.counters.get(group, {}).get(counter, 0)

    opened = sum(map(delta, _TRIED)) - delta(_FAILED)
    return _Window(last.at_s - first.at_s, {_OPENED: opened} | {name: delta(name) for name in HARM})
