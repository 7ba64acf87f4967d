"""Cuts what passed between two endpoints into connections: the same ports may serve one after the other.

Where flags and numbers leave no doubt, in columns; otherwise segment by segment, as ``Observer`` says.
"""

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import BAD_CHECKSUM, Segments
from lastack.capture.stretches import segments
from lastack.capture.table import Table
from lastack.capture.timing import LINGER_NS
from lastack.capture.walk import Walk
from lastack.capture.window import Positions
from lastack.tcp.segment import ACK, FIN, RST, SYN

__all__ = ["incarnations"]

_Mask = NDArray[np.bool]


def incarnations(table: Table) -> Positions:
    """The first row of each connection in a table whose groups are pairs of endpoints."""
    rows, starts = table
    kind = rows.flags & (SYN | ACK | BAD_CHECKSUM)
    opens, answers = kind == SYN, np.flatnonzero(kind == SYN | ACK)
    is_start = np.zeros(len(opens), np.bool)
    is_start[starts] = True
    fresh, doubtful = _by_syn(rows, starts, opens, answers, is_start)
    doubtful = np.concatenate((doubtful, _late(rows, is_start), _answers(answers, opens, is_start)))
    is_start[fresh] = True
    if len(doubtful):
        ends = table.ends
        for group in np.unique(np.searchsorted(starts, doubtful, side="right") - 1).tolist():
            low, high = int(starts[group]), int(ends[group])
            is_start[low:high] = False
            is_start[[low + cut for cut in _cuts(rows.take(slice(low, high)))]] = True
    return np.flatnonzero(is_start)


def _by_syn(
    rows: Segments, starts: Positions, opens: _Mask, answers: Positions, is_start: _Mask
) -> tuple[Positions, Positions]:
    """SYNs that begin another connection, and those of which that is in doubt."""
    syns = np.flatnonzero(opens)
    again = np.flatnonzero(~is_start[syns])
    here = syns[again]
    if not len(here):
        return here, here
    first = starts[np.searchsorted(starts, here, side="right") - 1]
    before = syns[again - 1]
    before[again == 0] = 0
    sound = opens[first] & (before >= first) & (rows.source[before] == rows.source[here])
    sound &= rows.source[first] == rows.source[here]
    # A SYN-ACK of the same side begins its stream anew: nobody knows which number repeats the SYN then.
    own = answers[rows.source[answers] == rows.source[starts[np.searchsorted(starts, answers, side="right") - 1]]]
    sound &= np.searchsorted(own, first) == np.searchsorted(own, here)
    other = rows.seq[before] != rows.seq[here]
    closing = np.cumsum(rows.flags & (FIN | RST) != 0)
    fresh = sound & other
    return here[fresh], here[~fresh & ~(sound & (closing[here] == closing[before]))]


def _late(rows: Segments, is_start: _Mask) -> Positions:
    """Rows that come long after the one before, in a group that has seen a FIN or a RST."""
    late = np.flatnonzero(np.diff(rows.time) > LINGER_NS) + 1
    late = late[~is_start[late]]
    if not len(late):
        return late
    closing = np.cumsum(rows.flags & (FIN | RST) != 0)
    firsts = np.flatnonzero(is_start)
    first = firsts[np.searchsorted(firsts, late, side="right") - 1]
    closed = closing[late - 1] - closing[first] + (rows.flags[first] & (FIN | RST) != 0)
    some: Positions = late[closed > 0]
    return some


def _answers(answers: Positions, opens: _Mask, is_start: _Mask) -> Positions:
    """SYN-ACKs in groups that did not begin with the SYN."""
    answers = answers[~is_start[answers]]
    firsts = np.flatnonzero(is_start)
    first = firsts[np.searchsorted(firsts, answers, side="right") - 1]
    some: Positions = answers[~opens[first]]
    return some


def _cuts(rows: Segments) -> list[int]:
    """Where connections begin among the rows of one pair, segment by segment."""
    cuts: list[int] = []
    walk, spoke_first = None, True
    for row, segment in enumerate(segments(rows, int(rows.source[0]))):
        turned = segment._replace(forward=segment.forward == spoke_first)
        if walk is None or walk.is_over_before(turned):
            walk = Walk(rows, row)
            spoke_first, turned = segment.forward, segment._replace(forward=True)
            cuts.append(row)
        walk.observer.feed(turned)
        walk.last = segment.time
    return cuts
