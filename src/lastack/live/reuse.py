"""Connections that take over a TIME_WAIT: the same two endpoints again, before its 60 seconds are over.

TIME_WAIT entries are remembered in a table with a place for each by the hash of its endpoints. Where two fall into one
place, the younger one stays: of very many entries, some are forgotten.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.live.gathering import Connections
from lastack.live.rows import CHANGE
from lastack.live.sockets import CLOSE, LISTEN, TIME_WAIT

__all__ = ["Reuse"]

_Column = NDArray[Any]

_TIMEWAIT_LEN = 60_000_000_000  # nanoseconds; TCP_TIMEWAIT_LEN, include/net/tcp.h
_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Reuse:
    """Remembers entries, and finds who takes them over.

    Args:
        bits: the table has so many places, as a power of two.
    """

    def __init__(self, bits: int = 20) -> None:
        self._shift = np.uint64(64 - bits)
        self._key = np.zeros(1 << bits, np.uint64)
        self._time = np.full(1 << bits, -_TIMEWAIT_LEN)
        self._holder = np.zeros(1 << bits, np.uint64)

    def taken_over(self, connections: Connections) -> _Column:
        """For each connection 1 if it takes over its side 0's TIME_WAIT, 2 if its side 1's, else 0. Remembers all."""
        count = len(connections.first)
        keys = _key(connections.local, connections.remote)
        starts = connections.time[connections.first]
        waits = np.flatnonzero((connections.code >> 16 == TIME_WAIT) & (connections.code >> 1 & 0x7F == CHANGE))
        by = np.searchsorted(connections.first, waits, "right") - 1
        ends = np.where(connections.code[waits] & 1, connections.remote[by], connections.local[by])
        entered, holder = self._before(keys, starts, keys[by], connections.time[waits], ends)
        self._remember(keys[by], connections.time[waits], ends)
        lives = (starts > entered) & (starts - entered < _TIMEWAIT_LEN) & _opens(connections)
        return np.where(lives, np.where(holder == connections.local, 1, 2), 0) if count else np.zeros(0, np.int64)

    def _before(
        self, keys: _Column, starts: _Column, waiting: _Column, times: _Column, ends: _Column
    ) -> tuple[_Column, _Column]:
        """The latest entry before each connection's start: when, and which endpoint holds it."""
        where = (keys >> self._shift).astype(np.int64)
        known = self._key[where] == keys
        entered = np.where(known, self._time[where], -_TIMEWAIT_LEN)
        holder = self._holder[where]
        if not len(waiting):
            return entered, holder
        # Of the same portion: sorted by endpoints and time, it is the last one above.
        order = np.lexsort((np.concatenate((starts, times)), np.concatenate((keys, waiting))))
        above = np.maximum.accumulate(np.where(order >= len(keys), np.arange(len(order)), 0))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        entry = np.maximum(order[above[place[: len(keys)]]] - len(keys), 0)
        here = (times[entry] < starts) & (waiting[entry] == keys) & (times[entry] > entered)
        return np.where(here, times[entry], entered), np.where(here, ends[entry], holder)

    def _remember(self, keys: _Column, times: _Column, ends: _Column) -> None:
        where = (keys >> self._shift).astype(np.int64)
        self._key[where], self._time[where], self._holder[where] = keys, times, ends


def _opens(connections: Connections) -> _Column:
    """Whether a connection's opening was seen."""
    old = connections.code[connections.first] >> 8 & 0xFF
    mask: _Column = (old == CLOSE) | (old == LISTEN)
    return mask


def _key(local: _Column, remote: _Column) -> _Column:
    """A hash of both endpoints, whichever is which; its highest bits are well mixed."""
    low, high = np.minimum(local, remote), np.maximum(local, remote)
    mixed: _Column = ((low * _MIX[0]) ^ (high * _MIX[1])) * _MIX[0]
    return mixed
