"""Events made into connections: both ends where both are sockets of this machine, otherwise the one that is.

An ``Assembly`` takes events in portions and gives back the connections that are over. What is not over waits in it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.live.members import PATIENCE
from lastack.live.pairs import Ends, pair, place
from lastack.live.rows import CHANGE, Rows, join
from lastack.live.sockets import SETTLED, TIME_WAIT, Lives, by_socket, is_loose, is_of_listener
from lastack.live.time_wait import FIN_TIMEOUT, name, waits_for_fin

__all__ = ["Assembly", "Connections"]

_Column = NDArray[Any]

# As long as an unfinished handshake lasts: a SYN-ACK is sent again five times, after 1, 2, 4, 8, 16 s, then 32 s pass.
_PATIENCE = 64_000_000_000

_SYN_TIMEOUT = 2_000_000_000  # and more; TCP_TIMEOUT_INIT is 1 s
_PORT = np.uint64(0xFFFF)


class Connections(NamedTuple):
    """Connections: their events, sorted by connection and time, and a row each of what is known of them.

    Attributes:
        rows: the events.
        side: of each row: 0 the socket seen first, 1 the one at the other end.
        first: number of each connection's first row.
        local: endpoint of side 0.
        remote: endpoint of side 1.
        pids: for each side, the process that opened or closed its socket; 0 if none was seen.
        over: whether it is; false only of those given at the end.
    """

    rows: Rows
    side: _Column
    first: _Column
    local: _Column
    remote: _Column
    pids: tuple[_Column, _Column]
    over: _Column


class Assembly:
    """Makes connections of events.

    Args:
        half_closed: asks the kernel for the endpoints, local and remote, of closed sockets that wait for a FIN.
        known: says of which lives a namespace has told; the others are of other ones. None: all are wanted.
        filtered: events of other ports were dropped; of a socket whose port was not chosen at first, all but that one.

    Attributes:
        strays: how many events fitted no connection: resets of what never was a socket, most of them.
        waiting: events of connections that are not over.
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
        self.waiting = join([])
        self.strays = 0

    def add(self, rows: Rows, until: int, *, ending: bool = False) -> Connections:
        """Take in a portion of events.

        Args:
            rows: they.
            until: everything before this moment is here; what is younger waits.
            ending: give all connections, over or not.
        """
        rows = join([self.waiting, rows.take(~is_of_listener(rows))])
        young = (rows.time > until) & (not ending)
        loose = is_loose(rows) & ~young
        own, lives, life = by_socket(rows.take(~young & ~loose))
        ends = pair(lives)
        held = self._ask(own, lives, life, ends, until)
        over = ends.over <= until - SETTLED
        over[ends.connection[held < 0]] = False
        wanted = self._wanted(lives, ends, over, until)
        given = over | ending
        alone = rows.take(loose)
        where = place(alone, ends, lives)
        placed = where >= 0
        placed[placed] = given[where[placed]]
        shown = placed.copy()
        shown[placed] = wanted[where[placed]]
        kept = ~given[ends.connection[life]]
        self.waiting = join([own.take(kept), self._keep(alone.take(~placed), until, ending=ending), rows.take(young)])
        named = name(own, life, lives, ends, np.maximum(held, 0)) if own.number else own
        return _gather(named, life, lives, ends, (alone.take(shown), where[shown]), given & wanted, over)

    def _ask(self, rows: Rows, lives: Lives, life: _Column, ends: Ends, until: int) -> _Column:
        """For each life -1 if it still waits for the peer's FIN; the time until which it did, or 0."""
        held = np.zeros(len(lives.first), np.int64)
        doubtful = waits_for_fin(rows, life, ends) if rows.number else np.empty(0, np.int64)
        if not doubtful.size:
            self._held.clear()
            return held
        waiting = self._half_closed()
        before, self._held = self._held, set()
        for number in doubtful.tolist():
            socket = int(rows.socket[lives.first[number]])
            pair_of_endpoints = int(lives.local[number]), int(lives.remote[number])
            if pair_of_endpoints in waiting and until - int(lives.closed[number]) < FIN_TIMEOUT:
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
        known = np.bincount(ends.connection, self._known(lives), len(ends.lead)) > 0
        over &= known | (ends.over <= until - PATIENCE)
        return known & ~portless

    def _keep(self, loose: Rows, until: int, *, ending: bool) -> Rows:
        kept = loose.time > until - _PATIENCE
        kept[: -self._MOST_LOOSE] = False
        if ending:
            kept[:] = False
        self.strays += loose.number - int(kept.sum())
        return loose.take(kept)


def _gather(  # noqa: PLR0913, PLR0917 - all that was found out comes together
    rows: Rows, life: _Column, lives: Lives, ends: Ends, alone: tuple[Rows, _Column], given: _Column, over: _Column
) -> Connections:
    loose, place_of_loose = alone
    mine = given[ends.connection[life]]
    own, own_life = rows.take(mine), life[mine]
    # A socket's reset is told of after its CLOSE, and comes before it.
    time = np.minimum(own.time, np.where(own.kind == CHANGE, own.time, _closing(lives)[own_life]))
    both = join([own._replace(time=time), loose])
    connection = np.concatenate((ends.connection[own_life], place_of_loose))
    side = np.concatenate((ends.side[own_life], loose.local != lives.local[ends.lead[place_of_loose]]))
    # TIME_WAIT at the moment of the peer's FIN: first the FIN.
    order = np.lexsort((both.kind + (both.new == TIME_WAIT), both.time, connection))
    both, side = both.take(order), side[order]
    connection = connection[order]
    first = np.flatnonzero(np.diff(connection, prepend=-1))
    lead = ends.lead[given]
    partner = ends.partner[lead]
    far = np.where(partner >= 0, lives.pid[partner], 0)
    return Connections(both, side, first, lives.local[lead], lives.remote[lead], (lives.pid[lead], far), over[given])


def _closing(lives: Lives) -> _Column:
    times: _Column = np.where(lives.closed < 0, np.iinfo(np.int64).max, lives.closed)
    return times
