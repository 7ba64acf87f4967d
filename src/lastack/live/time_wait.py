"""TIME_WAIT, which the tracepoint does not name: a socket that enters it is shown going to CLOSE.

A closed socket gives its place to a small one that waits in its stead, in TIME_WAIT after the peer's FIN, but also in
FIN_WAIT2 before it: tcp_time_wait(), net/ipv4/tcp_minisocks.c. When the FIN came is known where the peer is a socket of
this machine too. Where it is not, the kernel can be asked which ones still wait.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.live.pairs import Ends
from lastack.live.rows import CHANGE, RESET_RECEIVED, RESET_SENT, Rows
from lastack.live.sockets import CLOSE, CLOSING, FIN_WAIT1, FIN_WAIT2, LAST_ACK, TIME_WAIT, Lives

__all__ = ["FIN_TIMEOUT", "name", "waits_for_fin"]

_Column = NDArray[Any]

FIN_TIMEOUT = 60_000_000_000  # nanoseconds; tcp_fin_timeout's default, TCP_TIMEWAIT_LEN where that is longer


def _leaves(rows: Rows, *states: int) -> _Column:
    mask: _Column = (rows.kind == CHANGE) & (rows.new == CLOSE) & np.isin(rows.old, states)
    return mask


def waits_for_fin(rows: Rows, life: _Column, ends: Ends) -> _Column:
    """The lives that went from FIN_WAIT2 to CLOSE and whose peer's socket is not seen: they may still wait."""
    lives = life[_leaves(rows, FIN_WAIT2)]
    alone: _Column = lives[ends.partner[lives] < 0]
    return alone


def name(rows: Rows, life: _Column, lives: Lives, ends: Ends, held: _Column) -> Rows:
    """The rows with TIME_WAIT where a socket entered it, at the time when it did.

    Args:
        rows: sorted by life and time.
        life: of each row.
        lives: of the sockets.
        ends: of the connections.
        held: for each life, when the kernel was found to be no longer waiting for the peer's FIN, if it had to be
            asked more than once; otherwise 0.
    """
    reset = np.isin(rows.kind, (RESET_SENT, RESET_RECEIVED))
    change = rows.kind == CHANGE
    was_reset = np.logical_or.reduceat(reset, lives.first)
    fins = change & np.isin(rows.new, (FIN_WAIT1, LAST_ACK))
    fin = np.maximum.reduceat(np.where(fins, rows.time, -1), lives.first)
    peer_fin = np.where(ends.partner >= 0, fin[ends.partner], held)
    in_time = (ends.partner < 0) | (peer_fin >= 0)
    entered = np.maximum(lives.closed, peer_fin)
    in_time &= entered - lives.closed < FIN_TIMEOUT
    named = _leaves(rows, CLOSING) | (_leaves(rows, FIN_WAIT2) & in_time[life])
    named &= ~was_reset[life]
    return rows._replace(
        new=np.where(named, TIME_WAIT, rows.new).astype(rows.new.dtype),
        time=np.where(named & (rows.old == FIN_WAIT2), entered[life], rows.time),
    )
