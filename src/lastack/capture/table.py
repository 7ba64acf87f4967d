"""Segments sorted by connection: whatever passed between the same two endpoints lies together, in the order of time."""

import secrets
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import Endpoints, Segments
from lastack.capture.window import Positions

__all__ = ["Table", "pair_hash", "sorted_by_pair"]

Hashes = NDArray[np.uint64]

# Drawn anew in each process: nobody can write a capture whose pairs of endpoints collide.
_LOW, _HIGH = (np.uint64(secrets.randbits(64) | 1) for _ in range(2))
_FOLD = np.uint64(29)


class Table(NamedTuple):
    """Sorted segments.

    Attributes:
        rows: the segments.
        starts: the first row of each group.
    """

    rows: Segments
    starts: Positions

    @property
    def ends(self) -> Positions:
        """One past the last row of each group."""
        return np.append(self.starts[1:], len(self.rows.time))


def pair_hash(source: Endpoints, target: Endpoints) -> Hashes:
    """A number for each unordered pair of endpoints."""
    low, high = np.minimum(source, target), np.maximum(source, target)
    mixed = low * _LOW
    mixed ^= mixed >> _FOLD
    mixed += high
    mixed *= _HIGH
    return mixed


def sorted_by_pair(rows: Segments) -> Table:
    """The rows, sorted; a group is a pair of endpoints."""
    count = len(rows.time)
    if not count:
        return Table(rows, np.empty(0, np.int64))
    # The hash's high bits and the row's number in one word: sorted many times faster than by a stable sort.
    bits = np.uint64(max(count - 1, 1).bit_length())
    word = pair_hash(rows.source, rows.target)
    word >>= bits
    word <<= bits
    word |= np.arange(count, dtype=np.uint64)
    word.sort()
    order = (word & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    rows = rows.take(order)
    word >>= bits
    fresh = word[1:] != word[:-1]
    if _collided(rows, fresh):
        return _sorted_exactly(rows, order)
    return Table(rows, np.flatnonzero(np.concatenate(([True], fresh))))


def _collided(rows: Segments, fresh: NDArray[np.bool]) -> bool:
    """Whether a group holds more than one pair."""
    source, target = rows.source, rows.target
    same = source[1:] == source[:-1]
    same &= target[1:] == target[:-1]
    turned = source[1:] == target[:-1]
    turned &= target[1:] == source[:-1]
    same |= turned
    same |= fresh
    return not same.all()


def _sorted_exactly(rows: Segments, order: Positions) -> Table:
    rows = rows.take(np.argsort(order))
    low, high = np.minimum(rows.source, rows.target), np.maximum(rows.source, rows.target)
    exact = np.lexsort((high, low))
    low, high = low[exact], high[exact]
    fresh = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    return Table(rows.take(exact), np.flatnonzero(np.concatenate(([True], fresh))))
