"""Events made into connections: both ends where both are sockets of this machine, otherwise the one that is.

An ``Assembly`` takes events in portions and gives back the connections that are over. What is not over waits in it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.live.gathering import Connections, gather
from lastack.live.pairs import NEVER, Ends, pair, place
from lastack.live.parking import Parking
from lastack.live.rows import Rows, join
from lastack.live.sockets import SETTLED, Lives, by_socket, is_loose, is_of_listener
from lastack.live.time_wait import FIN_TIMEOUT, entries, waits_for_fin

__all__ = ["Assembly"]

_Column = NDArray[Any]

# As long as an unfinished handshake lasts: a SYN-ACK is sent again five times, after 1, 2, 4, 8, 16 s, then 32 s pass.
_PATIENCE = 64_000_000_000

_SYN_TIMEOUT = 2_000_000_000  # and more; TCP_TIMEOUT_INIT is 1 s
_ASKED_EVERY = 1_000_000_000  # the answer takes a walk through all of the kernel's connections
_PORT = np.uint64(0xFFFF)


class Assembly:
    """Makes connections of events.

    Args:
        half_closed: asks the kernel for the endpoints, local and remote, of closed sockets that wait for a FIN.
        known: says of each life whether it is of the namespace that is wanted (``Members.known``); None: all are.
        filtered: events of other ports were dropped; of a socket whose port was not chosen at first, all but that one.

    Attributes:
        strays: how many events fitted no connection: resets of what never was a socket, most of them.
    """

    _MOST_LOOSE = 100_000

    def __init__(
        self,
        half_closed: Callable[[], set[tuple[int, int]]] = set,
        known: Callable[[Lives], _Column] | None = None,
        *,
        filtered: bool = False,
    ) -> None:
        self._half_closed = half_closed
        self._known = known
        self._filtered = filtered
        self._held: set[int] = set()
        self._asked = -_ASKED_EVERY
        self._waiting = join([])
        self._parking = Parking()
        self.strays = 0

    @property
    def waiting(self) -> Rows:
        """Events of connections that are not over."""
        return join([self._waiting, self._parking.rows])

    def add(self, rows: Rows, until: int, *, ending: bool = False) -> Connections:
        """Take in a portion of events.

        Args:
            rows: they.
            until: everything before this moment is here; what is younger waits.
            ending: give all connections, over or not.
        """
        rows = join([self._waiting, rows.take(~is_of_listener(rows))])
        woken = self._parking.wake(self._parking.rows if ending else rows)
        rows = join([woken, rows])
        rows = rows.take(np.lexsort((rows.kind, rows.time)))  # quick: each CPU's are in order
        old = rows.number if ending else int(np.searchsorted(rows.time, until, "right"))
        rows, young = rows.part(0, old), rows.part(old, rows.number)
        loose = is_loose(rows)
        lives = by_socket(rows, ~loose)
        ends = pair(lives)
        held = self._ask(lives, ends, until, ending=ending)
        over = ends.over <= until - SETTLED
        over[ends.connection[held < 0]] = False
        wanted = self._wanted(lives, ends, over, until)
        given = over | ending
        alone = np.flatnonzero(loose)
        where = place(rows.take(alone), ends, lives)
        placed = where >= 0
        placed[placed] = given[where[placed]]
        idle = self._idle(lives, ends)[ends.connection[lives.life]]
        kept = ~given[ends.connection[lives.life]]
        self._parking.put(_complete(lives, kept & idle))
        unplaced = self._keep(rows.take(alone[~placed]), until, ending=ending)
        self._waiting = join([lives.rows.take(kept & ~idle), unplaced, young])
        placed[placed] = wanted[where[placed]]
        shown = rows.take(alone[placed]), alone[placed], where[placed]
        return gather(lives, ends, given & wanted, entries(lives, ends, np.maximum(held, 0)), shown)

    def _ask(self, lives: Lives, ends: Ends, until: int, *, ending: bool) -> _Column:
        """For each life -1 if it may still wait for the peer's FIN; the time until which it did, or 0."""
        held = np.zeros(len(lives.first), np.int64)
        doubtful = waits_for_fin(lives, ends)
        if until < self._asked + _ASKED_EVERY and not ending:
            held[doubtful] = -1
            return held
        if doubtful.size:
            self._asked = until
        waiting = self._half_closed() if doubtful.size else set()
        before, self._held = self._held, set()
        for number in doubtful.tolist():
            socket = int(lives.rows.socket[lives.first[number]])
            endpoints = int(lives.local[number]), int(lives.remote[number])
            if endpoints in waiting and until - int(lives.closed[number]) < FIN_TIMEOUT:
                self._held.add(socket)
                held[number] = -1
            elif socket in before:
                held[number] = until
        return held

    def _wanted(self, lives: Lives, ends: Ends, over: _Column, until: int) -> _Column:
        """The connections of the namespace. Where it has not told of one yet, that is not over yet."""
        portless = np.zeros(len(ends.lead), bool)
        if self._filtered:
            portless = lives.local[ends.lead] & _PORT == 0
            # Its SYN has been sent again since, and nothing was told of it: it has another port.
            over |= portless & (lives.start[ends.lead] < until - _SYN_TIMEOUT)
        if self._known is None:
            return ~portless
        known = self._known(lives)
        mine, doubtful = (np.bincount(ends.connection, known == verdict, len(ends.lead)) > 0 for verdict in (1, 0))
        over &= mine | portless | ~doubtful
        return mine & ~portless

    def _idle(self, lives: Lives, ends: Ends) -> _Column:
        """The connections that wait for events and nothing else."""
        idle: _Column = (ends.over >= NEVER) & (lives.local[ends.lead] & _PORT != 0)
        if self._known is not None:  # what a namespace tells of a socket that is gone is not to be missed
            idle &= np.bincount(ends.connection, lives.closed >= 0, len(ends.lead)) == 0
        return idle

    def _keep(self, loose: Rows, until: int, *, ending: bool) -> Rows:
        """Those that may still find their connection."""
        kept = loose.time > until - _PATIENCE
        kept[: -self._MOST_LOOSE] = False
        kept &= not ending
        self.strays += loose.number - int(kept.sum())
        return loose.take(kept)


def _complete(lives: Lives, which: _Column) -> Rows:
    """Some events of sockets, each with the endpoints that its socket has come to have."""
    life = lives.life[which]
    return lives.rows.take(which)._replace(local=lives.local[life], remote=lives.remote[life])
