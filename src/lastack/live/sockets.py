"""Events of sockets, each socket's together: from its birth to its CLOSE, and what the kernel says of it besides.

An address in the kernel's memory names a socket while it lives, and then another one. So a life begins with the step
that leaves CLOSE, or with a listener's copy of itself.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.live.order import order
from lastack.live.rows import CHANGE, RESET_SENT, SYN_ACK_RETRANSMIT, Rows

__all__ = [
    "CLOSE",
    "CLOSING",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "LAST_ACK",
    "LISTEN",
    "SETTLED",
    "SYN_RECV",
    "SYN_SENT",
    "TIME_WAIT",
    "Lives",
    "by_socket",
    "is_loose",
    "is_of_listener",
]

_Column = NDArray[Any]

# include/net/tcp_states.h
SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, LAST_ACK, LISTEN, CLOSING, _NEW_SYN_RECV = (
    2,
    3,
    4,
    5,
    6,
    7,
    9,
    10,
    11,
    12,
)

# After its CLOSE the kernel may tell of the reset that a socket sent (tcp_disconnect, __tcp_close); nanoseconds.
SETTLED = 5_000_000

# No socket is smaller: the lowest bits of their addresses are alike.
_ALIGNED = np.uint64(5)

# Sockets that are none of a connection's own: its last trace, a request, the listener.
_NO_SOCKET_OF_ITS_OWN = (TIME_WAIT, LISTEN, _NEW_SYN_RECV)


class Lives(NamedTuple):
    """Sockets' lives. The first three columns have a row an event, sorted by life and time; the others a row a life.

    Attributes:
        rows: the events.
        place: of each event, where it stood before they were sorted: in the order of time.
        life: the number of the life that each event is of.
        first: number of the life's first event.
        local: its endpoint.
        remote: the other one.
        start: time of its first event.
        closed: time of its CLOSE; of its last event, if its memory has another life since; -1 while it lives.
        pid: the process that connected it; else one that did something else with it; 0 if none was seen.
        failed: its connect() came to nothing.
    """

    rows: Rows
    place: _Column
    life: _Column
    first: _Column
    local: _Column
    remote: _Column
    start: _Column
    closed: _Column
    pid: _Column
    failed: _Column

    def leaves(self, *states: int) -> _Column:
        """Which events are steps from one of these states to CLOSE."""
        from_one = np.logical_or.reduce([self.rows.old == state for state in states])
        mask: _Column = (self.rows.kind == CHANGE) & (self.rows.new == CLOSE) & from_one
        return mask


def is_of_listener(rows: Rows) -> _Column:
    """Which rows tell of a listener's own life."""
    begins_or_ends = (rows.new == LISTEN) | ((rows.old == LISTEN) & (rows.new != SYN_RECV))
    mask: _Column = (rows.kind == CHANGE) & begins_or_ends
    return mask


def is_loose(rows: Rows) -> _Column:
    """Which rows tell of a connection but not of a socket of its own: by its endpoints alone they are to be placed."""
    mask: _Column = rows.kind == SYN_ACK_RETRANSMIT
    resets = np.flatnonzero(rows.kind == RESET_SENT)
    mask[resets] = (rows.socket[resets] == 0) | np.isin(rows.old[resets], _NO_SOCKET_OF_ITS_OWN)
    return mask


def by_socket(rows: Rows, which: _Column) -> Lives:
    """The lives that events tell of.

    Args:
        rows: events in the order of time.
        which: a mask of those to look at.
    """
    place = np.flatnonzero(which)
    place = place.take(order(rows.socket[which] >> _ALIGNED))
    rows = rows.take(place)
    if not rows.number:
        none, nothing = np.empty(0, np.int64), np.empty(0, bool)
        return Lives(rows, none, none, none, rows.local, rows.remote, none, none, none, nothing)
    change = rows.kind == CHANGE
    begins = change & ((rows.old == CLOSE) | (rows.old == LISTEN))
    begins[0] = True
    begins[1:] |= rows.socket[1:] != rows.socket[:-1]
    first = np.flatnonzero(begins)
    ends = change & (rows.new == CLOSE)
    closed = np.maximum.reduceat(np.where(ends, rows.time, -1), first)
    last = np.append(first[1:], rows.number) - 1
    # Its memory is another socket's now: its end was lost.
    replaced = np.append(rows.socket[first[1:]] == rows.socket[last[:-1]], False)
    return Lives(
        rows,
        place,
        np.cumsum(begins) - 1,
        first,
        np.maximum.reduceat(rows.local, first),  # a port that is 0 at first is chosen later
        np.maximum.reduceat(rows.remote, first),
        rows.time[first],
        np.where((closed < 0) & replaced, rows.time[last], closed),
        _pid(rows, change, first),
        np.logical_or.reduceat(ends & (rows.old == SYN_SENT), first),
    )


def _pid(rows: Rows, change: _Column, first: _Column) -> _Column:
    connects = np.maximum.reduceat(np.where(change & (rows.new == SYN_SENT), rows.pid, 0), first)
    others = np.maximum.reduceat(np.where(change, rows.pid, 0), first)
    pid: _Column = np.where(connects > 0, connects, others)
    return pid
