"""Connections' events gathered from the lives of their sockets, and put into one order."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.live.pairs import Ends
from lastack.live.rows import CHANGE, Rows
from lastack.live.sockets import TIME_WAIT, Lives
from lastack.live.time_wait import Entries

__all__ = ["Connections", "code", "gather", "read"]

_Column = NDArray[Any]


class Connections(NamedTuple):
    """Connections. The first two columns have a row an event, sorted by connection and time; the others a row each.

    Attributes:
        time: of the event; nanoseconds, CLOCK_MONOTONIC.
        code: what it is (``read``).
        first: number of the connection's first event.
        local: endpoint of side 0, the socket that was seen first.
        remote: endpoint of side 1, the other end.
        pids: for each side, the process that opened or closed its socket; 0 if none was seen.
    """

    time: _Column
    code: _Column
    first: _Column
    local: _Column
    remote: _Column
    pids: tuple[_Column, _Column]


def code(side: _Column, kind: _Column, old: _Column, new: _Column) -> _Column:
    """An event in one number."""
    codes: _Column = side | kind.astype(np.uint32) << 1 | old.astype(np.uint32) << 8 | new.astype(np.uint32) << 16
    return codes


def read(number: int) -> tuple[int, int, int, int]:
    """Side, kind, and the columns ``old`` and ``new`` of ``lastack.live.rows.Rows``."""
    return number & 1, number >> 1 & 0x7F, number >> 8 & 0xFF, number >> 16


def gather(
    lives: Lives, ends: Ends, given: _Column, waits: Entries, loose: tuple[Rows, _Column, _Column]
) -> Connections:
    """All events of some connections.

    Args:
        lives: of the sockets.
        ends: the connections.
        given: a mask of those that are wanted.
        waits: the entries into TIME_WAIT.
        loose: events that have no socket: they, their places in time, and their connections.
    """
    chosen = ends.order[given[ends.connection[ends.order]]]
    alone, place_alone, connection_alone = loose
    lengths = np.diff(np.append(lives.first, lives.rows.number))[chosen]
    events = _ranges(lives.first[chosen], lengths)
    time, place, new = _amended(lives, waits)
    rows = lives.rows
    side_alone = alone.local != lives.local[ends.lead[connection_alone]]
    codes = np.concatenate(
        (
            code(ends.side[chosen].repeat(lengths), rows.kind[events], rows.old[events], new[events]),
            code(side_alone, alone.kind, alone.old, alone.new),
        )
    )
    connection = np.concatenate((ends.connection[chosen].repeat(lengths), connection_alone))
    sequence = np.concatenate((place[events], place_alone * 2))
    # Quick: each socket's events are in order, and beside those of the other end.
    sequence = np.argsort(connection * (2 * int(sequence.max(initial=0)) + 2) + sequence, kind="stable")
    connection = connection[sequence]
    leads = ends.lead[given]
    partner = ends.partner[leads]
    return Connections(
        np.concatenate((time[events], alone.time))[sequence],
        codes[sequence],
        np.flatnonzero(np.diff(connection, prepend=-1)),
        lives.local[leads],
        lives.remote[leads],
        (lives.pid[leads], np.where(partner >= 0, lives.pid[partner], 0)),
    )


def _amended(lives: Lives, waits: Entries) -> tuple[_Column, _Column, _Column]:
    """Times, places and states after, of all events: as it was, not as it was told. Places count by two."""
    rows = lives.rows
    time, place, new = rows.time.copy(), lives.place * 2, rows.new.copy()
    new[waits.events] = TIME_WAIT
    time[waits.events], place[waits.events] = waits.time, waits.place * 2 + 1
    # A socket's reset is told of after its CLOSE, and comes before it.
    other = np.flatnonzero(rows.kind != CHANGE)
    if other.size:
        closed = lives.closed[lives.life[other]]
        late = other[(closed >= 0) & (rows.time[other] >= closed)]
        time[late] = lives.closed[lives.life[late]]
        place[late] = 2 * _close_place(lives, late) - 1
    return time, place, new


def _close_place(lives: Lives, events: _Column) -> _Column:
    """The place of the last change of state before each of these events, of the same socket."""
    changes = np.where(lives.rows.kind == CHANGE, np.arange(lives.rows.number), 0)
    places: _Column = lives.place[np.maximum.accumulate(changes)[events]]
    return places


def _ranges(first: _Column, lengths: _Column) -> _Column:
    """Numbers from each of ``first`` on, so many as ``lengths`` says, one range after the other."""
    ends = np.cumsum(lengths)
    numbers: _Column = np.arange(ends[-1] if len(ends) else 0) + (first - ends + lengths).repeat(lengths)
    return numbers
