"""Segments sorted by connection: whatever passed between the same two endpoints lies together, in the order of time."""

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import Endpoints, Segments
from lastack.capture.window import Positions

__all__ = ["Table", "pair_hash", "sorted_by_pair"]

Hashes = NDArray[np.uint64]

# Drawn anew in each process: nobody can write a capture whose pairs of endpoints collide.
_LOW, _HIGH = np.frombuffer(os.urandom(16), np.uint64) | np.uint64(1)
_FOLD, _DIGIT = np.uint64(29), np.uint64(16)


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
    mixed: Hashes = np.minimum(source, target)
    mixed *= _LOW
    mixed ^= mixed >> _FOLD
    mixed += np.maximum(source, target)
    mixed *= _HIGH
    mixed ^= mixed >> _FOLD
    return mixed


def sorted_by_pair(rows: Segments) -> Table:
    """The rows, sorted; a group is a pair of endpoints."""
    if not len(rows.time):
        return Table(rows, np.empty(0, np.int64))
    hashes = pair_hash(rows.source, rows.target)
    # Numbers of 16 bits are sorted digit by digit, several times faster than larger ones.
    order = np.argsort(hashes.astype(np.uint16), kind="stable")
    order = order[np.argsort((hashes >> _DIGIT).astype(np.uint16)[order], kind="stable")]
    hashes = hashes[order]
    fresh = hashes[1:] != hashes[:-1]
    digits = hashes.astype(np.uint32)
    mixed = np.flatnonzero(fresh & (digits[1:] == digits[:-1]))
    if len(mixed):
        # Pairs that have these digits in common lie mixed.
        some = np.flatnonzero(np.isin(digits, digits[mixed]))
        exact = some[np.lexsort((hashes[some], digits[some]))]
        order[some], hashes[some] = order[exact], hashes[exact]
        fresh = hashes[1:] != hashes[:-1]
    return Table(rows.take(order), np.flatnonzero(np.concatenate(([True], fresh))))
