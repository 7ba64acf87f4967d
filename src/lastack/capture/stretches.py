"""Takes stretches of unremarkable segments as one, so that a long connection costs little more than a short one.

A segment is unremarkable if its flags are none but ACK and PSH, its data begin where those of the segment before it
from the same side ended and were not sent before, and it acknowledges what its side has seen, no less than before. A
stretch of these changes nothing that ``Observer`` looks at, whatever its length; only its first and its last of each
kind are kept, and what data came between, as one.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import BAD_CHECKSUM, ZERO_WINDOW, Segments
from lastack.capture.timing import LINGER_NS
from lastack.tcp.observer import Sent
from lastack.tcp.segment import ACK, FIN, RST, SYN, Segment
from lastack.tcp.stream import signed

__all__ = ["segments", "stretches"]

_REMARKABLE = SYN | FIN | RST | ZERO_WINDOW | BAD_CHECKSUM

# Shorter ones are not worth the trouble; longer ones might hold more than the half of sequence space.
_SHORTEST, _LONGEST = 16, 1 << 14

_HALF = 1 << 31

# The first segments of a connection are looked at one by one.
_OPENING = 8

Numbered = tuple[int, Segment]


def segments(rows: Segments, first: int) -> list[Segment]:
    """Rows as segments; ``first`` is the endpoint that sent the first one."""
    columns = (rows.time, rows.source, rows.seq, rows.ack, rows.payload, rows.flags)
    return [
        Segment(
            time,
            source == first,
            flags & 0xFF,
            seq,
            ack,
            payload,
            bool(flags & ZERO_WINDOW),
            1,
            not flags & BAD_CHECKSUM,
        )
        for time, source, seq, ack, payload, flags in zip(*(column.tolist() for column in columns), strict=True)
    ]


def stretches(rows: Segments, first: int, sent: tuple[Sent, Sent], *, fresh: bool) -> Iterator[Numbered]:
    """Segments that stand for rows of one connection, each with the number of the last row that it stands for.

    Args:
        rows: the rows.
        first: the endpoint that sent the first segment of the connection.
        sent: what that side, and the other, had sent before these rows.
        fresh: the connection begins here.
    """
    forward = rows.source == np.uint64(first)
    remarkable = _remarkable(rows, forward, sent)
    if fresh:
        remarkable[:_OPENING] = True
    marks = np.flatnonzero(remarkable)
    # Where one stretch ends and the next begins.
    cuts = np.unique(np.concatenate(([0, len(remarkable)], marks, marks + 1, _even(len(remarkable)))))
    low = 0
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        if end - begin >= _SHORTEST:
            yield from _alone(rows, first, low, begin)
            yield from _together(rows, first, forward, begin, end)
            low = end
    yield from _alone(rows, first, low, len(remarkable))


def _even(count: int) -> NDArray[np.int64]:
    return np.arange(0, count, _LONGEST)


def _alone(rows: Segments, first: int, begin: int, end: int) -> Iterator[Numbered]:
    return enumerate(segments(rows.take(slice(begin, end)), first), begin)


def _together(rows: Segments, first: int, forward: NDArray[np.bool], begin: int, end: int) -> Iterator[Numbered]:
    """One stretch: the first of each kind (side, data or not) stands alone; so does the last before each of these."""
    kind = forward[begin:end] * 2 + (rows.payload[begin:end] > 0)
    heads = sorted(begin + int(np.argmax(kind == each)) for each in np.unique(kind).tolist())
    for head, following in zip(heads, [*heads[1:], end], strict=True):
        yield from _alone(rows, first, head, head + 1)
        if following - head > 1:
            yield from _piece(rows, first, head + 1, kind[head + 1 - begin : following - begin])


def _piece(rows: Segments, first: int, begin: int, kind: NDArray[np.int64]) -> Iterator[Numbered]:
    """Of each kind the last one; before these, what data the others brought, which acknowledge nothing new."""
    tails = []
    for each in np.unique(kind).tolist():
        *some, last = (np.flatnonzero(kind == each) + begin).tolist()
        tails.append(last)
        if some and each & 1:
            segment = segments(rows.take(np.array(some[:1])), first)[0]
            before = np.flatnonzero(rows.source[:begin] == rows.source[last])[-1]
            octets = int(rows.payload[some].sum(dtype=np.int64))
            yield some[-1], segment._replace(ack=int(rows.ack[before]), payload=octets, packets=len(some))
    tails.sort()
    yield from zip(tails, segments(rows.take(np.array(tails)), first), strict=True)


def _remarkable(rows: Segments, forward: NDArray[np.bool], sent: tuple[Sent, Sent]) -> NDArray[np.bool]:
    flags = rows.flags
    marked: NDArray[np.bool] = (flags & _REMARKABLE != 0) | (flags & ACK == 0)
    marked[1:] |= np.diff(rows.time) > LINGER_NS
    fins = [(flags & FIN != 0) & way for way in (forward, ~forward)]
    closed = [before.fin | np.logical_or.accumulate(fin) for before, fin in zip(sent, fins, strict=True)]
    extent: NDArray[np.int64] = rows.payload.astype(np.int64) + (flags & SYN != 0) + (flags & FIN != 0)
    sides = [np.flatnonzero(forward), np.flatnonzero(~forward)]
    reached = [_reached(rows, side, extent) for side in sides]
    for mine, peer in ((0, 1), (1, 0)):
        side = sides[mine]
        if not len(side):
            continue
        marked[side[0]] = True
        seq, ack = rows.seq[side], rows.ack[side]
        marked[side[1:]] |= seq[1:] != seq[:-1] + extent[side[:-1]].astype(np.uint32)
        step = (ack[1:] - ack[:-1]).astype(np.int32)
        # It matters when a FIN is acknowledged, and which data came before that.
        closing = closed[peer] | (closed[mine] & (rows.payload > 0))
        marked[side[1:]] |= (step < 0) | ((step != 0) & closing[side[1:]])
        marked[side] |= ~_within(rows, side, sides[peer], reached[peer])
        marked[side] |= _sent_before(rows, side, extent, sent[mine].following)
    return marked


def _sent_before(
    rows: Segments, side: NDArray[np.int64], extent: NDArray[np.int64], following: int | None
) -> NDArray[np.bool]:
    """Rows of a side with data of which its peer may have had all: each is a retransmission by itself."""
    seq = rows.seq[side]
    ends = _places(seq) + extent[side]
    start = ends[0] - 1 if following is None else signed(following - int(seq[0]))
    before = np.maximum.accumulate(np.append(start, ends[:-1]))
    # Numbers that lie this far apart could mean anything.
    unclear = ends.max() - min(ends.min(), start) >= _HALF
    again: NDArray[np.bool] = (rows.payload[side] > 0) & ((ends <= before) | unclear)
    return again


def _places(numbers: NDArray[np.uint32]) -> NDArray[np.int64]:
    """How far each number lies from the first; does not wrap."""
    steps = (numbers[1:] - numbers[:-1]).astype(np.int32)
    return np.append(0, np.cumsum(steps, dtype=np.int64))


def _reached(rows: Segments, side: NDArray[np.int64], extent: NDArray[np.int64]) -> NDArray[np.int64]:
    """How far a side had sent with each of its rows, from its first octet on; does not wrap."""
    if not len(side):
        return np.empty(0, np.int64)
    reached: NDArray[np.int64] = np.maximum.accumulate(_places(rows.seq[side]) + extent[side])
    return reached


def _within(
    rows: Segments, side: NDArray[np.int64], peer: NDArray[np.int64], reached: NDArray[np.int64]
) -> NDArray[np.bool]:
    """Whether each row of a side acknowledges no more than its peer was seen to have sent."""
    last = np.searchsorted(peer, side) - 1
    known = last >= 0
    if not len(peer):
        return known
    ack = rows.ack[side]
    origin = rows.seq[peer[0]]
    place = signed(int(ack[0]) - int(origin)) + _places(ack)
    inside: NDArray[np.bool] = known & (place <= reached[last])
    return inside
