"""Follows one connection segment by segment: for what is too long or too odd to be done in columns."""

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import Segments
from lastack.capture.stretches import stretches
from lastack.capture.timing import LINGER_NS
from lastack.tcp.bundle import Bundle, Counts
from lastack.tcp.ends import UNSEEN
from lastack.tcp.lifecycle import Moments, Tally
from lastack.tcp.observer import Observer
from lastack.tcp.ports import is_flipped
from lastack.tcp.segment import ACK, FIN, PSH, RST, SYN, Segment

__all__ = ["Walk"]

_PORT = 0xFFFF
_CONTROL = SYN | FIN | RST


class Walk:
    """One connection under way.

    Args:
        rows: segments, of which one begins it; that one is not taken in yet.
        row: which.

    Attributes:
        observer: what follows it.
        source: the endpoint that sent its first segment.
        target: the other one.
        last: the time of its last segment.
    """

    def __init__(self, rows: Segments, row: int) -> None:
        self.source, self.target = int(rows.source[row]), int(rows.target[row])
        self._flipped = is_flipped(int(rows.flags[row]), self.source & _PORT, self.target & _PORT)
        self.observer = Observer(flipped=self._flipped)
        self._first = self.last = int(rows.time[row])
        self._sent = np.zeros((2, 3), np.int64)
        self._fresh = True

    def is_over_before(self, segment: Segment) -> bool:
        """Whether this segment belongs to another connection."""
        if self.observer.finished and segment.time - self.last > LINGER_NS:
            return True
        return self.observer.begins_another(segment)

    def feed(self, rows: Segments) -> int:
        """Take in rows, up to one that begins another connection; gives how many."""
        taken = 0
        for number, segment in stretches(rows, self.source, self.observer.sent, fresh=self._fresh):
            if not self._fresh and self.is_over_before(segment):
                break
            self.observer.feed(segment)
            taken, self._fresh, self.last = number + 1, False, segment.time
        self._sent += _sent(rows.take(slice(0, taken)), self.source)
        return taken

    def bundle(self) -> Bundle:
        """What became of it, as a bundle of one."""
        moments, times = _numbered(self.observer.moments(), self._first, self.last)
        ends = [np.array([end], np.uint64) for end in (self.source, self.target)]
        sent = [
            Counts(*(np.array([number]) for number in Tally(packets, octets, psh, ack)))
            for (packets, psh, ack), octets in zip(self._sides(), self.observer.octets, strict=True)
        ]
        if self._flipped:
            ends.reverse()
        return Bundle(self.observer.outcome(), moments, ends[0], ends[1], np.array([times]), sent[0], sent[1])

    def _sides(self) -> list[list[int]]:
        sides: list[list[int]] = self._sent.tolist()
        return sides[::-1] if self._flipped else sides


def _sent(rows: Segments, source: int) -> NDArray[np.int64]:
    """Segments, those with PSH, those with ACK alone; for the side that spoke first and for the other."""
    forward = rows.source == np.uint64(source)
    psh = (rows.flags & (PSH | SYN)) == PSH
    ack = (rows.flags & (ACK | PSH | _CONTROL)) == ACK
    both = [(len(rows.time), int(psh.sum()), int(ack.sum()))]
    mine = [(int(forward.sum()), int((psh & forward).sum()), int((ack & forward).sum()))]
    sent: NDArray[np.int64] = np.array(mine + both) - np.array([(0, 0, 0), *mine])
    return sent


def _numbered(moments: Moments, first: int, last: int) -> tuple[Moments, list[int]]:
    """Moments as numbers of a row of times, and that row."""
    singles = moments[:7]
    times = sorted({first, last, *singles, *moments.orig, *moments.resp} - {UNSEEN})
    # A capture's clock may have gone back: what came first and last stays there.
    row = [first, *times, last]
    place = {time: number for number, time in enumerate(row)} | {UNSEEN: UNSEEN}
    syn, syn_last, syn_ack, syn_ack_last, ack, reset, end = (place[time] for time in singles)
    orig, resp = (tuple(place[time] for time in side) for side in (moments.orig, moments.resp))
    return Moments(syn, syn_last, syn_ack, syn_ack_last, ack, reset, end, orig, resp), row
