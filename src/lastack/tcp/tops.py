"""Counts by key, for more keys than may be kept."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tops"]

# Keys kept; where more come, those with the smallest counts are dropped, and the rest is no longer exact.
_MOST = 1 << 17

# So many are put into order by all of their columns.
_FEW = 1 << 12

# Odd, and random in their high bits.
_MIXERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)

_Keys = NDArray[np.uint64]
_Counts = NDArray[np.int64]
_Places = NDArray[np.int64]


class Tops:
    """Counts of several kinds for each key; the first kind decides which key is large.

    Attributes:
        exact: no key was ever dropped.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._waiting = 0
        self.exact = True

    def add(self, keys: Sequence[_Keys], kinds: Sequence[int]) -> None:
        """Count each key once for every kind that is 1.

        Args:
            keys: the columns that make up a key.
            kinds: 0 or 1 a kind.
        """
        counts = np.array(kinds, np.int64)[:, None]
        if len(keys) == 1:
            # Most of these are the same few.
            column, times = np.unique(keys[0], return_counts=True)
            self._parts.append(_Part(column[None], counts * times))
        else:
            self._parts.append(_Part(np.array(keys), counts))
        self._waiting += self._parts[-1].keys.shape[1]
        if self._waiting > 2 * _MOST:
            self._merge()

    def _merge(self) -> None:
        groups = _grouped(self._parts)
        first = groups.counts(0)
        some = np.arange(len(first))
        if len(first) > _MOST:
            some, self.exact = np.argpartition(-first, _MOST)[:_MOST], False
        self._parts, self._waiting = [groups.picked(some)], len(some)

    @property
    def keys(self) -> list[_Keys]:
        """The columns of all keys."""
        return [column for part in self._parts for column in part.keys]

    def largest(self, most: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The keys with the largest counts, each with its counts.

        Of equal ones those with the smaller key come first, unless they are thousands.
        """
        if not self._parts:
            return []
        groups = _grouped(self._parts)
        keys, counts = groups.picked(_among_the_largest(groups.counts(0), most))
        order = np.lexsort((*keys[::-1], -counts[0]))[:most]
        found = zip(keys[:, order].T.tolist(), counts[:, order].T.tolist(), strict=True)
        return [(tuple(key), tuple(count)) for key, count in found]


class _Part(NamedTuple):
    """Keys, a row a column of them, and their counts, a row a kind: a column a key, or one for all of them."""

    keys: _Keys
    counts: _Counts


class _Groups(NamedTuple):
    """The keys of some parts, equal ones together.

    Attributes:
        keys: the keys.
        starts: the first one of each group.
        table: counts, a row a kind.
        which: the column of the table that has a key's counts.
    """

    keys: _Keys
    starts: _Places
    table: _Counts
    which: _Places

    def counts(self, kind: int) -> _Counts:
        """The counts of one kind, a number a group."""
        sums: _Counts = np.add.reduceat(self.table[kind][self.which], self.starts)
        return sums

    def picked(self, some: _Places) -> _Part:
        """Some groups, each as one key with its counts."""
        starts = self.starts[some]
        lengths = np.append(self.starts[1:], len(self.which))[some] - starts
        begin = np.cumsum(lengths) - lengths
        rows = np.arange(lengths.sum()) + np.repeat(starts - begin, lengths)
        return _Part(self.keys[:, starts], np.add.reduceat(self.table[:, self.which[rows]], begin, axis=1))


def _grouped(parts: Sequence[_Part]) -> _Groups:
    keys, table = (np.concatenate(columns, axis=1) for columns in zip(*parts, strict=True))
    number, which = 0, []
    for some, counts in parts:
        width = counts.shape[1]
        which.append(np.arange(number, number + width) if width > 1 else np.full(some.shape[1], number))
        number += width
    # One number a key: sorted much faster than by one column after the other.
    order = np.argsort(np.bitwise_xor.reduce(keys * _MIXERS[: len(keys), None], axis=0))
    keys = keys[:, order]
    starts = np.flatnonzero(np.concatenate(([True], (keys[:, 1:] != keys[:, :-1]).any(axis=0))))
    return _Groups(keys, starts, table, np.concatenate(which)[order])


def _among_the_largest(counts: _Counts, most: int) -> _Places:
    """Places of at least ``most`` of the largest; of very many equal ones not all."""
    if len(counts) <= _FEW:
        return np.arange(len(counts))
    least = np.partition(counts, -most)[-most]
    return np.concatenate((np.flatnonzero(counts > least), np.flatnonzero(counts == least)[:_FEW]))
