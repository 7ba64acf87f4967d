"""Events of connections that are open, and wait for nothing but further events: many of them cost next to nothing.

A portion's events mark places in small tables, by the hashes of their endpoints and of their sockets. What is parked
and finds its place marked is woken, others by chance with it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.live.pairs import endpoints_key
from lastack.live.rows import Rows, join

__all__ = ["Parking"]

_Column = NDArray[Any]

_BITS = 20
_SHIFT = np.uint64(64 - _BITS)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_CHUNKS = 32  # that are looked through one by one


class Parking:
    """Keeps events, whole connections of them, with all ports known."""

    def __init__(self) -> None:
        self._chunks: list[tuple[Rows, _Column, _Column]] = []

    @property
    def rows(self) -> Rows:
        """All that is parked."""
        return join([rows for rows, _, _ in self._chunks])

    def put(self, rows: Rows) -> None:
        """Park events."""
        if rows.number:
            self._chunks.append((rows, *_places(rows)))
        if len(self._chunks) > _CHUNKS:
            together = self.rows
            self._chunks = [(together, *_places(together))]

    def wake(self, rows: Rows) -> Rows:
        """Take out the events of all connections that these events may be of."""
        by_ends, by_socket = np.zeros(1 << _BITS, bool), np.zeros(1 << _BITS, bool)
        ends, sockets = _places(rows)
        by_ends[ends], by_socket[sockets] = True, True
        woken = []
        chunks, self._chunks = self._chunks, []
        for parked, ends, sockets in chunks:
            # An address that has another socket now wakes the one before, and that its peer.
            by_ends[ends[by_socket[sockets]]] = True
            wakes = by_ends[ends]
            if wakes.any():
                woken.append(parked.take(wakes))
                stays = np.flatnonzero(~wakes)
                self._chunks.append((parked.take(stays), ends[stays], sockets[stays]))
            else:
                self._chunks.append((parked, ends, sockets))
        return join(woken)


def _places(rows: Rows) -> tuple[_Column, _Column]:
    ends = (endpoints_key(rows.local, rows.remote) * _MIX) >> _SHIFT
    sockets = (rows.socket * _MIX) >> _SHIFT
    return ends.astype(np.int32), sockets.astype(np.int32)
