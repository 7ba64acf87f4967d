"""What became of many connections at once: ``Observer`` follows one of each course, and the rest went the same way."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.course import Courses, courses
from lastack.capture.segments import Segments
from lastack.capture.stretches import segments
from lastack.capture.window import Positions
from lastack.tcp.bundle import Bundle, Counts
from lastack.tcp.lifecycle import Moments, Outcome
from lastack.tcp.observer import Observer

__all__ = ["Judge", "Judged"]

# Courses remembered from one stretch of a capture to the next.
_MOST = 1 << 14


class _Verdict(NamedTuple):
    """One course: its outcome, moments as numbers of segments, whether it is finished.

    Attributes:
        packets: segments of the side that sent the first one.
        fixed: octets of data of the originator and the responder, where they are not sums of what was sent.
    """

    outcome: Outcome
    moments: Moments
    finished: bool
    packets: int
    fixed: tuple[int, int] | None


class Judged(NamedTuple):
    """Connections with their verdicts.

    Attributes:
        finished: which of them are, so that nothing more is due.
    """

    rows: Segments
    starts: Positions
    ends: Positions
    courses: Courses
    verdicts: list[_Verdict]
    which: Positions
    finished: NDArray[np.bool]

    def bundles(self, wanted: NDArray[np.bool]) -> list[Bundle]:
        """Those wanted, a bundle a course."""
        chosen = np.flatnonzero(wanted)
        which = self.which[chosen]
        chosen = chosen[np.argsort(which, kind="stable")]
        counts = np.bincount(which, minlength=len(self.verdicts))
        cuts = np.cumsum(counts)
        return [
            self._bundle(verdict, chosen[end - count : end])
            for verdict, count, end in zip(self.verdicts, counts.tolist(), cuts.tolist(), strict=True)
            if count
        ]

    def _bundle(self, verdict: _Verdict, some: Positions) -> Bundle:
        starts = self.starts[some]
        length = int(self.ends[some[0]] - starts[0])
        times = self.rows.time[starts[:, None] + np.arange(length)]
        octets, sent = self.courses.octets[some], self.courses.sent[some]
        sides = [
            Counts(
                np.full(len(some), length - verdict.packets if back else verdict.packets),
                octets >> 31 if back else octets & ((1 << 31) - 1),
                sent >> 16 * back & 0xFFFF,
                sent >> 32 + 16 * back & 0xFFFF,
            )
            for back in (0, 1)
        ]
        ends = [self.rows.source[starts], self.rows.target[starts]]
        if verdict.outcome.flipped:
            sides.reverse()
            ends.reverse()
        if verdict.fixed:
            sides = [
                side._replace(octets=np.full(len(some), fixed))
                for side, fixed in zip(sides, verdict.fixed, strict=True)
            ]
        return Bundle(verdict.outcome, verdict.moments, ends[0], ends[1], times, sides[0], sides[1])


class Judge:
    """Remembers the courses that it has seen."""

    def __init__(self) -> None:
        self._seen: dict[int, _Verdict] = {}

    def judge(self, rows: Segments, starts: Positions, ends: Positions) -> Judged:
        """Judge connections; they cover all rows, each with its rows together and in order."""
        found = courses(rows, starts, ends)
        numbers, first, which = np.unique(found.number, return_index=True, return_inverse=True)
        if len(self._seen) > _MOST:
            self._seen.clear()
        verdicts = []
        for number, row in zip(numbers.tolist(), first.tolist(), strict=True):
            verdict = self._seen.get(number)
            if verdict is None:
                one = rows.take(slice(int(starts[row]), int(ends[row])))
                verdict = _verdict(one, flipped=bool(found.flipped[row]), octets=int(found.octets[row]))
                self._seen[number] = verdict
            verdicts.append(verdict)
        finished = np.array([verdict.finished for verdict in verdicts])[which]
        return Judged(rows, starts, ends, found, verdicts, which, finished)


def _verdict(rows: Segments, *, flipped: bool, octets: int) -> _Verdict:
    observer = Observer(flipped=flipped)
    spoke_first = int(rows.source[0])
    packets = 0
    for number, segment in enumerate(segments(rows, spoke_first)):
        observer.feed(segment._replace(time=number))
        packets += segment.forward
    sides = (octets & ((1 << 31) - 1), octets >> 31)
    sums = sides[::-1] if flipped else sides
    fixed = None if sums == observer.octets else observer.octets
    return _Verdict(observer.outcome(), observer.moments(), observer.finished, packets, fixed)
