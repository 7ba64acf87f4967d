"""Which course each connection took: a number that is equal where ``Observer`` could see no difference.

``Observer`` compares flags and sequence numbers. In a *plain* connection each segment begins where the one before it
from the same side ended, and acknowledges all that the other side had sent: flags, and whether there was data, are all
that is left to compare. In any other, the numbers themselves count, relative to the first of their side.
"""

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import BAD_CHECKSUM, ZERO_WINDOW, Segments
from lastack.capture.window import Positions
from lastack.tcp.ports import LISTENED
from lastack.tcp.segment import ACK, FIN, PSH, RST, SYN

__all__ = ["Courses", "courses"]

Hashes = NDArray[np.uint64]

_SEEN = FIN | SYN | RST | ACK | ZERO_WINDOW | BAD_CHECKSUM
_FORWARD, _DATA, _ODD, _FLIPPED = 1 << 10, 1 << 11, 1 << 12, 1 << 13

# Drawn anew in each process: nobody can write a capture whose courses collide.
_STEP, _FIRST, _SECOND, _THIRD = np.frombuffer(os.urandom(32), np.uint64) | np.uint64(1)
_FOLD = np.uint64(31)

_LISTENED = np.zeros(1 << 16, np.bool)
_LISTENED[list(LISTENED)] = True
_PORT = np.uint64(0xFFFF)


class Courses(NamedTuple):
    """The courses of some connections.

    Attributes:
        number: equal for connections that took the same course.
        flipped: the side that sent the first segment is the responder.
        octets: data sent, if none of it was sent twice: 31 bits for the side that sent the first segment, above them
            the other's.
        sent: how many segments had PSH or ACK alone, 16 bits each, from the lowest: PSH of the side that sent the
            first segment, PSH of the other, ACK, ACK.
    """

    number: Hashes
    flipped: NDArray[np.bool]
    octets: NDArray[np.int64]
    sent: NDArray[np.int64]


class _Frame(NamedTuple):
    """Which connection each row belongs to, and from which side it came."""

    starts: Positions
    group: Positions
    forward: NDArray[np.bool]


def courses(rows: Segments, starts: Positions, ends: Positions) -> Courses:
    """The courses of connections.

    Args:
        rows: segments, those of each connection together and in order; of none more than 65,535.
        starts: the first row of each connection; they cover all rows.
        ends: one past its last.
    """
    lengths = ends - starts
    group = np.repeat(np.arange(len(starts)), lengths)
    frame = _Frame(starts, group, rows.source == rows.source[starts][group])
    flags = rows.flags
    data = rows.payload * ((flags & (RST | BAD_CHECKSUM)) == 0)
    flipped = _flipped(rows, starts)
    word = (flags & np.uint16(_SEEN)) | (frame.forward.view(np.uint8) * np.uint16(_FORWARD))
    word |= (rows.payload > 0).view(np.uint8) * np.uint16(_DATA)
    word[starts] |= flipped * np.uint16(_FLIPPED)
    words = _with_oddities(word, rows, frame, data)
    words += (np.arange(len(word)) - starts[group]).astype(np.uint64) * _STEP
    number: Hashes = np.add.reduceat(_mixed(words), starts)
    number ^= lengths.astype(np.uint64)
    octets = np.add.reduceat(data.astype(np.int64) << np.where(frame.forward, 0, 31), starts)
    return Courses(number, flipped, octets, np.add.reduceat(_sent(flags, frame.forward), starts))


def _flipped(rows: Segments, starts: Positions) -> NDArray[np.bool]:
    """``lastack.tcp.ports.is_flipped`` for the first rows."""
    flags = rows.flags[starts]
    source, target = ((end[starts] & _PORT).astype(np.int64) for end in (rows.source, rows.target))
    by_port = _LISTENED[source] & (~_LISTENED[target] | (source < target))
    flipped: NDArray[np.bool] = np.where(flags & SYN != 0, flags & ACK != 0, by_port)
    return flipped


def _with_oddities(word: NDArray[np.uint16], rows: Segments, frame: _Frame, data: NDArray[np.int32]) -> Hashes:
    """The words; in connections that are not plain, with their numbers."""
    flags = rows.flags
    intact = flags & BAD_CHECKSUM == 0
    extent = data.astype(np.uint32)
    extent += (flags & SYN != 0) & intact
    extent += (flags & FIN != 0) & intact
    expected, peer = _expected(rows, frame, extent)
    ahead = rows.seq - expected
    acked = rows.ack - peer
    acked *= flags & ACK != 0
    off = (ahead | acked) != 0
    off |= _after_reset(flags, frame) & (data > 0)
    off &= intact
    words = word.astype(np.uint64)
    odd = np.flatnonzero(np.logical_or.reduceat(off, frame.starts)[frame.group]) if off.any() else ()
    if len(odd):
        numbers = ahead[odd].astype(np.uint64) << np.uint64(32) | acked[odd]
        words[odd] ^= _mixed(numbers) + (rows.payload[odd].astype(np.uint64) * _THIRD | np.uint64(_ODD))
    return words


def _after_reset(flags: NDArray[np.uint16], frame: _Frame) -> NDArray[np.bool]:
    """Rows after a reset in their connection; what they bring counts for nothing."""
    reset = flags & RST != 0
    after = np.flatnonzero(reset[:-1]) + 1
    if not (frame.group[after] == frame.group[after - 1]).any():
        return np.zeros(len(flags), np.bool)
    before = np.cumsum(reset) - reset
    later: NDArray[np.bool] = before != before[frame.starts][frame.group]
    return later


def _expected(
    rows: Segments, frame: _Frame, extent: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Where each row begins and what it acknowledges in a plain connection; modulo 2**32."""
    starts, group, forward = frame
    first_back = np.minimum.reduceat(np.where(forward, len(forward), np.arange(len(forward))), starts)
    silent = first_back == len(forward)
    first_back[silent] = starts[silent]
    base = rows.seq[starts]
    # Of a side that was never heard, nothing is known but what was acknowledged first.
    base_back = np.where(silent, rows.ack[starts], rows.seq[first_back])
    ours = _sent_before(extent * forward, base, starts, group)
    theirs = _sent_before(extent * ~forward, base_back, starts, group)
    return np.where(forward, ours, theirs), np.where(forward, theirs, ours)


def _sent_before(
    extent: NDArray[np.uint32], base: NDArray[np.uint32], starts: Positions, group: Positions
) -> NDArray[np.uint32]:
    before = np.cumsum(extent, dtype=np.uint32)
    before -= extent
    before += (base - before[starts])[group]
    return before


def _mixed(words: Hashes) -> Hashes:
    words = words * _FIRST
    words ^= words >> _FOLD
    words *= _SECOND
    words ^= words >> _FOLD
    return words


def _sent(flags: NDArray[np.uint16], forward: NDArray[np.bool]) -> NDArray[np.int64]:
    psh = (flags & (PSH | SYN)) == PSH
    ack = (flags & (ACK | SYN | FIN | RST | PSH)) == ACK
    both: NDArray[np.int64] = psh + (ack.astype(np.int64) << 32)
    both <<= np.where(forward, 0, 16)
    return both
