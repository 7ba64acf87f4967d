"""Puts fragmented datagrams together, as far as TCP's header and the total length."""

import numpy as np

from lastack.capture.ip import Datagrams
from lastack.capture.packets import Packets

__all__ = ["Fragments", "Whole"]

_MORE, _OFFSET = 0x2000, 0x1FFF

# TCP's longest header; what is behind it only counts.
_HEADER = 60

# Datagrams waited for; the oldest is given up for a new one.
_WAITING = 4096

# A datagram has at most 65,535 octets, a fragment at least 8.
_MOST_PIECES = 8192

# Number of the packet that completed it, source, target, TCP's header and the length behind IP's.
Whole = tuple[int, int, int, bytes, int]

_Key = tuple[int, int, int]


class _Datagram:
    """One datagram so far: its pieces as offset and end, the octets of its beginning, and its length."""

    __slots__ = ("head", "length", "pieces")

    def __init__(self) -> None:
        self.pieces: dict[int, int] = {}
        self.head = bytearray(_HEADER)
        self.length = -1

    def add(self, begin: int, end: int, octets: bytes, *, last: bool) -> bool:
        """Take in a piece; whether nothing is missing now."""
        if len(self.pieces) < _MOST_PIECES:
            self.pieces[begin] = max(end, self.pieces.get(begin, 0))
        self.head[begin : begin + len(octets)] = octets
        if last:
            self.length = end
        reached = 0
        for place, stop in sorted(self.pieces.items()):
            if place > reached:
                return False
            reached = max(reached, stop)
        return reached >= self.length >= 0


class Fragments:
    """Fragmented datagrams under way.

    Attributes:
        abandoned: datagrams that were given up.
    """

    def __init__(self) -> None:
        self._under_way: dict[_Key, _Datagram] = {}
        self.abandoned = 0

    @property
    def incomplete(self) -> int:
        """Datagrams of which pieces are missing."""
        return len(self._under_way) + self.abandoned

    @property
    def endpoints(self) -> list[int]:
        """The senders and receivers of datagrams under way."""
        return [end for source, target, _ in self._under_way for end in (source, target)]

    def add(self, packets: Packets, pieces: Datagrams) -> list[Whole]:
        """Take in fragments; gives the datagrams that are complete now."""
        columns = (np.asarray(column).tolist() for column in pieces)
        done = []
        for number, at, length, end, source, target, fragment, id_ in zip(*columns, strict=True):
            begin = (fragment & _OFFSET) << 3
            octets = packets.data[at : min(end, at + max(_HEADER - begin, 0))].tobytes() if begin < _HEADER else b""
            datagram = self._find((source, target, id_))
            if datagram.add(begin, begin + length, octets, last=not fragment & _MORE):
                del self._under_way[source, target, id_]
                done.append((number, source, target, bytes(datagram.head), datagram.length))
        return done

    def _find(self, key: _Key) -> _Datagram:
        found = self._under_way.get(key)
        if found is None:
            if len(self._under_way) >= _WAITING:
                del self._under_way[next(iter(self._under_way))]
                self.abandoned += 1
            found = self._under_way[key] = _Datagram()
        return found
