"""From segments to connections, for a share of all pairs of endpoints and a stretch of the capture at a time.

What is still open at the end of a stretch waits for the next one: as rows while it is short, as a ``Walk`` once it is
long.
"""

import numpy as np
from numpy.typing import NDArray

from lastack.capture.incarnations import incarnations
from lastack.capture.judge import Judge
from lastack.capture.segments import Endpoints, Segments, concatenated
from lastack.capture.table import Table, pair_hash, sorted_by_pair
from lastack.capture.timing import LINGER_NS
from lastack.capture.walk import Walk
from lastack.capture.window import Positions
from lastack.tcp.bundle import Bundle
from lastack.tcp.segment import FIN, RST, SYN

__all__ = ["Share"]

_Mask = NDArray[np.bool]


class Share:
    """Follows the connections of its pairs.

    Args:
        judge: judges them; shares may have one together.
        short: connections of more segments are walked.
        connections: those that may wait as rows.

    Attributes:
        retired: connections given up, still open, because too many waited.
    """

    def __init__(self, judge: Judge, short: int, connections: int) -> None:
        self._judge, self._short, self._room = judge, short, connections
        self._waiting: list[Segments] = []
        self._new: list[Segments] = []
        self._walks: dict[tuple[int, int], Walk] = {}
        self.retired = 0

    def hold(self, rows: Segments) -> None:
        """Take in the next segments."""
        if len(rows.time):
            self._new.append(rows)

    @property
    def waiting(self) -> int:
        """Rows that wait since the last stretch."""
        return sum(len(rows.time) for rows in self._waiting)

    @property
    def endpoints(self) -> list[Endpoints]:
        """The endpoints of all that is under way."""
        walked = np.array(list(self._walks), np.uint64).ravel()
        rows = self._waiting + self._new
        return [walked, *(some.source for some in rows), *(some.target for some in rows)]

    def settle(self) -> list[Bundle]:
        """The stretch is at its end; gives connections that are over."""
        return self._settle(final=False) if self._new else []

    def finish(self) -> list[Bundle]:
        """The capture is at its end; gives the connections that are left."""
        bundles = self._settle(final=True) if self._new or self._waiting else []
        bundles += [walk.bundle() for walk in self._walks.values()]
        self._walks.clear()
        return bundles

    def _settle(self, *, final: bool) -> list[Bundle]:
        parts = self._waiting + self._new
        self._waiting, self._new = [], []
        now = int(parts[-1].time[-1])
        # Nothing is kept that is not needed while the rest is done: this is where memory is at its highest.
        rows = concatenated(parts)
        del parts
        table = sorted_by_pair(rows)
        del rows
        bundles: list[Bundle] = []
        if self._walks:
            table = self._walk_on(table, bundles)
            bundles += self._retire_walks(now)
        if len(table.starts):
            bundles += self._in_columns(table, now, final=final)
        return bundles

    def _in_columns(self, table: Table, now: int, *, final: bool) -> list[Bundle]:
        """Judge what can be judged, walk what is long, keep the rest."""
        rows = table.rows
        starts = incarnations(table)
        last_of_pair = np.zeros(len(rows.time) + 1, np.bool)
        last_of_pair[table.ends] = True
        table = Table(rows, starts)
        ends = table.ends
        open_ends = np.zeros(len(starts), np.bool) if final else last_of_pair[ends]
        bundles: list[Bundle] = []
        long = ends - starts > self._short
        for number in np.flatnonzero(long).tolist():
            some = rows.take(slice(int(starts[number]), int(ends[number])))
            bundles += self._begin_walk(some, last=bool(open_ends[number]))
        closed = np.add.reduceat(rows.flags & (FIN | RST) != 0, starts) > 0
        quiet = rows.time[ends - 1] < now - LINGER_NS
        ready = ~long & (~open_ends | (closed & quiet))
        judged = self._judge.judge(*_only(rows, starts, ends, ready)) if ready.any() else None
        waits = ~long & ~ready
        if judged is not None:
            kept = open_ends[ready] & ~judged.finished
            bundles += judged.bundles(~kept)
            waits[np.flatnonzero(ready)[kept]] = True
        if waits.any():
            bundles += self._keep(*_only(rows, starts, ends, waits))
        return bundles

    def _keep(self, rows: Segments, starts: Positions, ends: Positions) -> list[Bundle]:
        """Let connections wait for the next stretch; gives those for which there is no room.

        First those that are finished, which only wait for what may still come late; then those that nobody answered.
        """
        excess = len(starts) - self._room
        if excess <= 0:
            self._waiting = [rows]
            return []
        finished = self._judge.judge(rows, starts, ends).finished
        unanswered = np.logical_and.reduceat(rows.flags & SYN != 0, starts)
        order = np.lexsort((rows.time[ends - 1], ~unanswered, ~finished))
        out = np.zeros(len(starts), np.bool)
        # A few more than must: the next stretch will bring others.
        out[order[: excess + self._room // 4]] = True
        self.retired += int((out & ~finished).sum())
        kept, gone = _only(rows, starts, ends, ~out), _only(rows, starts, ends, out)
        self._waiting = [kept[0]]
        return self._judge.judge(*gone).bundles(np.ones(len(gone[1]), np.bool))

    def _begin_walk(self, rows: Segments, *, last: bool) -> list[Bundle]:
        walk = Walk(rows, 0)
        walk.feed(rows)
        if not last:
            return [walk.bundle()]
        self._walks[_pair(walk.source, walk.target)] = walk
        return []

    def _walk_on(self, table: Table, bundles: list[Bundle]) -> Table:
        """Feed the walks; gives the rows that belong to none."""
        rows, starts = table
        ends = table.ends
        walked = np.array(list(self._walks), np.uint64)
        hashes = pair_hash(rows.source[starts], rows.target[starts])
        others = np.ones(len(starts), np.bool)
        for group in np.flatnonzero(np.isin(hashes, pair_hash(walked[:, 0], walked[:, 1]))).tolist():
            low, high = int(starts[group]), int(ends[group])
            pair = _pair(int(rows.source[low]), int(rows.target[low]))
            if walk := self._walks.get(pair):
                others[group] = False
                low += walk.feed(rows.take(slice(low, high)))
                while low < high:
                    bundles.append(walk.bundle())
                    walk = self._walks[pair] = Walk(rows, low)
                    low += walk.feed(rows.take(slice(low, high)))
        kept, kept_starts, _ = _only(rows, starts, ends, others)
        return Table(kept, kept_starts)

    def _retire_walks(self, now: int) -> list[Bundle]:
        finished = [
            pair for pair, walk in self._walks.items() if walk.observer.finished and walk.last < now - LINGER_NS
        ]
        return [self._walks.pop(pair).bundle() for pair in finished]


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _only(rows: Segments, starts: Positions, ends: Positions, wanted: _Mask) -> tuple[Segments, Positions, Positions]:
    """The rows of some connections, and where each begins and ends among them."""
    if wanted.all():
        return rows, starts, ends
    lengths = (ends - starts)[wanted]
    ends = np.cumsum(lengths)
    return rows.take(np.repeat(wanted, np.diff(np.append(starts, len(rows.time))))), ends - lengths, ends
