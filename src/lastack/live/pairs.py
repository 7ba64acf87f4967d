"""Which sockets are the two ends of one connection: those with each other's endpoints, at the same time."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.live.rows import Rows
from lastack.live.sockets import SETTLED, Lives

__all__ = ["NEVER", "Ends", "endpoints_key", "pair", "place"]

_Column = NDArray[Any]

_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
NEVER = np.iinfo(np.int64).max - SETTLED


class Ends(NamedTuple):
    """The ends. The first four have a row a life, the others a row a connection.

    Attributes:
        connection: the life's.
        side: 0 for the end seen first.
        partner: the life at the other end; -1 if none is seen.
        order: numbers of lives, by connection and side.
        key: hash of both endpoints, ascending.
        lead: the life on side 0.
        over: when the last of its lives ended; ``NEVER`` while one lasts.
    """

    connection: _Column
    side: _Column
    partner: _Column
    order: _Column
    key: _Column
    lead: _Column
    over: _Column


def pair(lives: Lives) -> Ends:
    """Find the two ends of each connection; of many sockets only one is seen here.

    The same pair of endpoints in two namespaces at once is taken for two connections, but who belongs to whom may be
    mixed up.
    """
    count = len(lives.first)
    key = endpoints_key(lives.local, lives.remote)
    order = np.lexsort((lives.start, key))
    key, local, remote, start = (column[order] for column in (key, lives.local, lives.remote, lives.start))
    closed = np.where(lives.closed < 0, NEVER, lives.closed)[order]
    meets = np.zeros(count, bool)
    meets[1:] = (local[1:] == remote[:-1]) & (remote[1:] == local[:-1]) & (start[1:] <= closed[:-1] + SETTLED)
    # Of three in a row the first two are a pair.
    places = np.arange(count)
    second = meets & ((places - np.maximum.accumulate(np.where(meets, 0, places))) % 2 == 1)
    leads = np.flatnonzero(~second)
    connection, side, partner = np.empty(count, np.int64), np.empty(count, np.uint8), np.full(count, -1)
    connection[order] = np.cumsum(~second) - 1
    side[order] = second
    seconds = np.flatnonzero(second)
    partner[order[seconds]], partner[order[seconds - 1]] = order[seconds - 1], order[seconds]
    over = np.maximum.reduceat(closed, leads) if count else closed
    return Ends(connection, side, partner, order, key[leads], order[leads], over)


def place(loose: Rows, ends: Ends, lives: Lives) -> _Column:
    """The connection that each event belongs to by its endpoints: the latest that had begun, or the first; -1: none."""
    key = endpoints_key(loose.local, loose.remote)
    first = np.searchsorted(ends.key, key, "left")
    after = np.searchsorted(ends.key, key, "right")
    found = np.where(after > first, first, -1)
    starts = lives.start[ends.lead]
    for row in np.flatnonzero(after - first > 1):
        begun = np.searchsorted(starts[first[row] : after[row]], loose.time[row], "right")
        found[row] = first[row] + max(int(begun) - 1, 0)
    return found


def endpoints_key(local: _Column, remote: _Column) -> _Column:
    """A hash of two endpoints, whichever is which."""
    low, high = np.minimum(local, remote), np.maximum(local, remote)
    mixed: _Column = (low * _MIX[0]) ^ (high * _MIX[1])
    return mixed
