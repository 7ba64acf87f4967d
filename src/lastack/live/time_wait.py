"""TIME_WAIT, which the tracepoint does not name: a socket that enters it is shown going to CLOSE.

A closed socket gives its place to a small one that waits in its stead, in TIME_WAIT after the peer's FIN, but also in
FIN_WAIT2 before it: tcp_time_wait(), net/ipv4/tcp_minisocks.c. When the FIN came is known where the peer is a socket of
this machine too. Where it is not, the kernel can be asked which ones still wait.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.live.pairs import Ends
from lastack.live.rows import CHANGE, RESET_RECEIVED, RESET_SENT
from lastack.live.sockets import CLOSING, FIN_WAIT1, FIN_WAIT2, LAST_ACK, Lives

__all__ = ["FIN_TIMEOUT", "Entries", "entries", "waits_for_fin"]

_Column = NDArray[Any]

FIN_TIMEOUT = 60_000_000_000  # nanoseconds; tcp_fin_timeout's default, and at most TCP_TIMEWAIT_LEN


class Entries(NamedTuple):
    """Which events are entries into TIME_WAIT.

    Attributes:
        events: their numbers.
        time: when each of them really happened: not before the peer's FIN.
        place: where it stands in the order of time, for an event that it follows; its own place if it follows none.
    """

    events: _Column
    time: _Column
    place: _Column


def waits_for_fin(lives: Lives, ends: Ends) -> _Column:
    """The lives that went from FIN_WAIT2 to CLOSE and whose peer's socket is not seen: they may still wait."""
    gone = lives.life[lives.leaves(FIN_WAIT2)]
    alone: _Column = gone[ends.partner[gone] < 0]
    return alone


def entries(lives: Lives, ends: Ends, held: _Column) -> Entries:
    """Find them.

    Args:
        lives: of sockets.
        ends: the connections that they belong to.
        held: for each life, when the kernel was found to be no longer waiting for the peer's FIN, if it had to be
            asked more than once; otherwise 0.
    """
    rows = lives.rows
    events = np.flatnonzero(lives.leaves(FIN_WAIT2, CLOSING))
    if not events.size:
        return Entries(events, events, events)
    was_reset = np.zeros(len(lives.first), bool)
    was_reset[lives.life[(rows.kind == RESET_SENT) | (rows.kind == RESET_RECEIVED)]] = True
    fins = np.flatnonzero((rows.kind == CHANGE) & ((rows.new == FIN_WAIT1) | (rows.new == LAST_ACK)))
    fin = np.full(len(lives.first) + 1, -1)  # the last one is of nobody
    fin[lives.life[fins]] = fins
    mine = lives.life[events]
    by = np.where(ends.partner[mine] >= 0, fin[ends.partner[mine]], -1)
    late = (by >= 0) & (rows.old[events] == FIN_WAIT2)
    time = np.where(late, np.maximum(rows.time[events], rows.time[by]), np.maximum(rows.time[events], held[mine]))
    entered = (rows.old[events] == CLOSING) | (ends.partner[mine] < 0) | (by >= 0)
    # A FIN that is answered by a reset found nobody waiting.
    entered &= (
        ~was_reset[mine]
        & ~((ends.partner[mine] >= 0) & was_reset[ends.partner[mine]])
        & (time - rows.time[events] < FIN_TIMEOUT)
    )
    place = np.where(late, np.maximum(lives.place[events], lives.place[by]), lives.place[events])
    return Entries(events[entered], time[entered], place[entered])
