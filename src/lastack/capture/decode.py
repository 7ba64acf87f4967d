"""From packets to TCP segments, in columns."""

from collections import Counter

import numpy as np

from lastack.capture.addresses import Addresses
from lastack.capture.checksum import wrong_checksums
from lastack.capture.fragments import Fragments, Whole
from lastack.capture.ip import Datagrams, datagrams
from lastack.capture.link import LINKS, network_headers
from lastack.capture.packets import Integers, Packets, picked
from lastack.capture.segments import BAD_CHECKSUM, ZERO_WINDOW, Endpoints, Segments, concatenated
from lastack.capture.window import SLACK, Bytes, Positions, rows

__all__ = ["Decoder"]

_TCP = np.dtype(
    {
        "names": ["source", "target", "seq", "ack", "offset", "flags", "window"],
        "formats": [">u2", ">u2", ">u4", ">u4", "u1", "u1", ">u2"],
        "offsets": [0, 2, 4, 8, 12, 13, 14],
        "itemsize": 20,
    }
)
_SHORTEST, _THROUGH_FLAGS, _THROUGH_WINDOW = 20, 14, 16


class Decoder:
    """Finds the TCP segments of a capture, and counts what it had to leave out.

    Args:
        verify: mark segments whose checksum is wrong.

    Attributes:
        addresses: the table behind the endpoints' numbers.
        packets: packets seen.
        segments: TCP segments found.
        cut: segments of which the snap length left too little to know their flags.
        malformed: segments whose header contradicts their length.
        unknown_links: packets of link types that are not understood, by type.
    """

    def __init__(self, *, verify: bool = False) -> None:
        self._verify = verify
        self._fragments = Fragments()
        self.addresses = Addresses()
        self.packets = self.segments = self.cut = self.malformed = 0
        self.unknown_links: Counter[int] = Counter()

    @property
    def incomplete(self) -> int:
        """Fragmented datagrams of which a piece is missing."""
        return self._fragments.incomplete

    @property
    def endpoints(self) -> Endpoints:
        """The addresses of fragments that wait for others."""
        return np.array(self._fragments.endpoints, np.uint64)

    def decode(self, packets: Packets) -> Segments:
        """The segments in these packets, in their order."""
        self.packets += len(packets.begin)
        if isinstance(packets.link, int):
            found = self._of_link(packets, packets.link)
        else:
            found = []
            for link in np.unique(packets.link).tolist():
                which = np.flatnonzero(packets.link == link)
                some = packets.of(which, link)
                found += [(segments, which[number]) for segments, number in self._of_link(some, link)]
        segments = concatenated([part for part, _ in found])
        if len(found) > 1:
            segments = segments.take(np.argsort(np.concatenate([number for _, number in found]), kind="stable"))
        self.segments += len(segments.time)
        return segments

    def _of_link(self, packets: Packets, link: int) -> list[tuple[Segments, Positions]]:
        """Segments, each part with the numbers of its packets."""
        if link not in LINKS:
            self.unknown_links[link] += len(packets.begin)
        at, number = network_headers(packets, link)
        found = datagrams(packets, at, number, self.addresses)
        piece = found.fragment != 0
        if not piece.any():
            return [self._segments(packets.data, found, packets.time)]
        done = self._fragments.add(packets, found.take(piece))
        joined = [self._segments(*_joined(done), packets.time)] if done else []
        return [self._segments(packets.data, found.take(~piece), packets.time), *joined]

    def _segments(self, data: Bytes, found: Datagrams, time: Integers) -> tuple[Segments, Positions]:
        captured = found.end - found.at
        header = rows(data, np.minimum(found.at, len(data) - _TCP.itemsize), _TCP)
        header_length = (header["offset"] >> 4).astype(np.int64) << 2
        payload = found.length - header_length
        seen, sound = captured >= _THROUGH_FLAGS, (header_length >= _SHORTEST) & (payload >= 0)
        good = seen & sound
        if not good.all():
            self.cut += int((~seen).sum())
            self.malformed += int((seen & ~sound).sum())
            found, header, payload, captured = found.take(good), header[good], payload[good], captured[good]
        flags = header["flags"].astype(np.uint16)
        no_room = np.flatnonzero(header["window"] == 0)
        flags[no_room[captured[no_room] >= _THROUGH_WINDOW]] |= ZERO_WINDOW
        if self._verify:
            flags[wrong_checksums(data, found, self.addresses)] |= BAD_CHECKSUM
        segments = Segments(
            picked(time, found.number),
            found.source | header["source"].astype(np.uint16),
            found.target | header["target"].astype(np.uint16),
            header["seq"].astype(np.uint32),
            header["ack"].astype(np.uint32),
            payload.astype(np.int32),
            flags,
        )
        return segments, found.number


def _joined(done: list[Whole]) -> tuple[Bytes, Datagrams]:
    """Datagrams put together from fragments, as if their headers had come in one piece each."""
    number, source, target, heads, lengths = zip(*done, strict=True)
    size = len(heads[0])
    at, length = np.arange(len(done)) * size, np.array(lengths, np.int64)
    data = np.frombuffer(b"".join(heads) + bytes(SLACK), np.uint8)
    ends = np.array(source, np.uint64), np.array(target, np.uint64)
    none = np.zeros_like(at)
    return data, Datagrams(np.array(number, np.int64), at, length, at + np.minimum(length, size), *ends, none, none)
