"""Counts by key, for more keys than may be kept."""

from collections.abc import Sequence

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
_Counts = NDArray[np.int64] | NDArray[np.int32]


class Tops:
    """Counts of several kinds for each key.

    Args:
        kinds: how many kinds; the first one decides which key is large.

    Attributes:
        exact: no key was ever dropped.
    """

    def __init__(self, kinds: int) -> None:
        self._kinds = kinds
        self._keys: list[_Keys] = []
        self._counts: list[_Counts] = []
        self._waiting = 0
        self.exact = True

    def add(self, keys: Sequence[_Keys], kinds: Sequence[int]) -> None:
        """Count each key once for every kind that is 1.

        Args:
            keys: the columns that make up a key.
            kinds: 0 or 1 a kind.
        """
        self._keys.append(np.array(keys))
        self._counts.append(np.broadcast_to(np.array(kinds, np.int32)[:, None], (self._kinds, len(keys[0]))))
        self._waiting += len(keys[0])
        if self._waiting > 4 * _MOST:
            self._merge()

    def _merge(self) -> None:
        keys, counts = np.concatenate(self._keys, axis=1), np.concatenate(self._counts, axis=1)
        # One number a key: sorted much faster than by one column after the other.
        order = np.argsort(np.bitwise_xor.reduce(keys * _MIXERS[: len(keys), None], axis=0))
        keys = keys[:, order]
        starts = np.flatnonzero(np.concatenate(([True], (keys[:, 1:] != keys[:, :-1]).any(axis=0))))
        keys, counts = keys[:, starts], np.add.reduceat(counts[:, order], starts, axis=1, dtype=np.int64)
        if len(starts) > _MOST:
            kept = np.argpartition(-counts[0], _MOST)[:_MOST]
            keys, counts, self.exact = keys[:, kept], counts[:, kept], False
        self._keys, self._counts, self._waiting = [keys], [np.asarray(counts, np.int64)], keys.shape[1]

    @property
    def keys(self) -> list[_Keys]:
        """The columns of all keys."""
        return [column for part in self._keys for column in part]

    def largest(self, most: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The keys with the largest counts, each with its counts.

        Of equal ones those with the smaller key come first, unless they are thousands.
        """
        if not self._keys:
            return []
        self._merge()
        ((keys,), (counts,)) = self._keys, self._counts
        some = _among_the_largest(counts[0], most)
        keys, counts = keys[:, some], counts[:, some]
        order = np.lexsort((*keys[::-1], -counts[0]))[:most]
        found = zip(keys[:, order].T.tolist(), counts[:, order].T.tolist(), strict=True)
        return [(tuple(key), tuple(count)) for key, count in found]


def _among_the_largest(counts: _Counts, most: int) -> NDArray[np.int64]:
    """Places of at least ``most`` of the largest; of very many equal ones not all."""
    if len(counts) <= _FEW:
        return np.arange(len(counts))
    least = np.partition(counts, -most)[-most]
    return np.concatenate((np.flatnonzero(counts > least), np.flatnonzero(counts == least)[:_FEW]))
