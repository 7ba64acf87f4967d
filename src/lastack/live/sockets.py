"""Events of sockets, each socket's together: from its birth to its CLOSE, and what the kernel says of it besides.

An address in the kernel's memory names a socket while it lives, and then another one. So a life begins with the step
that leaves CLOSE, or with a listener's copy of itself.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

# Sockets that are none of a connection's own: its last trace, a request, the listener.
_NO_SOCKET_OF_ITS_OWN = (TIME_WAIT, LISTEN, _NEW_SYN_RECV)


class Lives(NamedTuple):
    """One row a socket's life, with columns; ``Rows`` sorted by life and time go with it.

    Attributes:
        first: number of its first row.
        local: its endpoint.
        remote: the other one.
        start: time of its first event.
        closed: time of its CLOSE; of its last event, if its memory has another life since; -1 while it lives.
        pid: the process that connected it; else one that did something else with it; 0 if none was seen.
        failed: its connect() came to nothing.
    """

    first: _Column
    local: _Column
    remote: _Column
    start: _Column
    closed: _Column
    pid: _Column
    failed: _Column


def is_of_listener(rows: Rows) -> _Column:
    """Which rows tell of a listener's own life."""
    begins_or_ends = (rows.new == LISTEN) | ((rows.old == LISTEN) & (rows.new != SYN_RECV))
    mask: _Column = (rows.kind == CHANGE) & begins_or_ends
    return mask


def is_loose(rows: Rows) -> _Column:
    """Which rows tell of a connection but not of a socket of its own: by its endpoints alone they are to be placed."""
    without = (rows.socket == 0) | np.isin(rows.old, _NO_SOCKET_OF_ITS_OWN)
    mask: _Column = (rows.kind == SYN_ACK_RETRANSMIT) | ((rows.kind == RESET_SENT) & without)
    return mask


def by_socket(rows: Rows) -> tuple[Rows, Lives, _Column]:
    """Rows of sockets, sorted by life and time; the lives; and of each row the number of its life."""
    rows = rows.take(np.lexsort((rows.kind, rows.time, rows.socket)))
    if not rows.number:
        none = np.empty(0, np.int64)
        return rows, Lives(none, rows.local, rows.remote, none, none, none, none.astype(bool)), none
    change = rows.kind == CHANGE
    born = change & ((rows.old == CLOSE) | (rows.old == LISTEN))
    begins = np.concatenate(([True], rows.socket[1:] != rows.socket[:-1])) | born
    life = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    ends = change & (rows.new == CLOSE)
    closed = np.maximum.reduceat(np.where(ends, rows.time, -1), first)
    last = np.append(first[1:], rows.number) - 1
    # Its memory is another socket's now: its end was lost.
    replaced = np.append(rows.socket[first[1:]] == rows.socket[last[:-1]], False)
    closed = np.where((closed < 0) & replaced, rows.time[last], closed)
    lives = Lives(
        first,
        np.maximum.reduceat(rows.local, first),  # a port that is 0 at first is chosen later
        np.maximum.reduceat(rows.remote, first),
        rows.time[first],
        closed,
        _pid(rows, change, first),
        np.logical_or.reduceat(ends & (rows.old == SYN_SENT), first),
    )
    return rows, lives, life


def _pid(rows: Rows, change: _Column, first: _Column) -> _Column:
    connects = np.maximum.reduceat(np.where(change & (rows.new == SYN_SENT), rows.pid, 0), first)
    others = np.maximum.reduceat(np.where(change, rows.pid, 0), first)
    pid: _Column = np.where(connects > 0, connects, others)
    return pid
