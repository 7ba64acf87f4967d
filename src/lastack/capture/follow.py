"""From segments to connections, a stretch of the capture at a time.

Pairs of endpoints are dealt out to a few shares, by their hash: these can be worked on side by side, and what is sorted
at once fits better into the processor's cache. Memory grows with what is open, and with what ended in the last seconds;
not with the capture.
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from lastack.capture.judge import Judge
from lastack.capture.segments import Endpoints, Segments
from lastack.capture.share import Share
from lastack.capture.table import pair_hash
from lastack.capture.threads import share_out
from lastack.tcp.bundle import Bundle, united

__all__ = ["Follower", "Limits"]

_SHARE_BITS = 2
_SHARES = 1 << _SHARE_BITS
# The lower bits of the hash are what each share sorts by.
_BEYOND = np.uint64(64 - _SHARE_BITS)


class Limits(NamedTuple):
    """How much may wait.

    Attributes:
        short: connections of more segments are walked.
        connections: those that may wait as rows; beyond that, the oldest go: first of those that are over, then of
            those that nobody answered.
        rows: sorted at once; no fewer than those that wait, or most of the work would be sorting these again.
    """

    short: int = 64
    connections: int = 1 << 18
    rows: int = 3 << 18


_USUAL = Limits()


class Follower:
    """Follows all connections of one capture.

    Args:
        limits: how much may wait.
    """

    def __init__(self, limits: Limits = _USUAL) -> None:
        judge = Judge()
        self._shares = [Share(judge, limits.short, limits.connections // _SHARES) for _ in range(_SHARES)]
        self._least, self._rows, self._before = limits.rows, 0, 0

    @property
    def retired(self) -> int:
        """Connections given up, still open, because too many waited."""
        return sum(share.retired for share in self._shares)

    @property
    def endpoints(self) -> list[Endpoints]:
        """The endpoints of all that is under way."""
        return [some for share in self._shares for some in share.endpoints]

    def add(self, rows: Segments) -> list[Bundle]:
        """Take in the next segments; gives connections that are over."""
        if not len(rows.time):
            return []
        turn = (pair_hash(rows.source, rows.target) >> _BEYOND).astype(np.uint8)
        for number, share in enumerate(self._shares):
            share.hold(rows.take(np.flatnonzero(turn == number)))
        self._rows += len(rows.time)
        if self._rows < max(self._least, self._before):
            return []
        bundles = share_out(Share.settle, self._shares)
        self._rows, self._before = 0, sum(share.waiting for share in self._shares)
        return united(chain.from_iterable(bundles))

    def finish(self) -> list[Bundle]:
        """The capture is at its end; gives the connections that are left."""
        return united(chain.from_iterable(share_out(Share.finish, self._shares)))
