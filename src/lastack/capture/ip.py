"""From IP's header to TCP's: options, extension headers, fragments."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.capture.packets import Integers, Packets, picked
from lastack.capture.segments import Endpoints
from lastack.capture.window import Positions, rows, u32

__all__ = ["Datagrams", "datagrams"]

_TCP = 6
_PORT_BITS = np.uint64(16)

_IPV4 = np.dtype(
    {
        "names": ["version", "length", "id", "fragment", "protocol", "source", "target"],
        "formats": ["u1", ">u2", ">u2", ">u2", "u1", ">u4", ">u4"],
        "offsets": [0, 2, 4, 6, 9, 12, 16],
        "itemsize": 20,
    }
)
_SHORTEST = 20
_IPV6 = np.dtype(
    [
        ("version", "u1", 4),
        ("length", ">u2"),
        ("next", "u1"),
        ("hops", "u1"),
        ("source", "u1", 16),
        ("target", "u1", 16),
    ]
)

# IPv4: the more-fragments bit and the offset, in units of 8 octets.
_MORE, _FRAGMENT = 0x2000, 0x1FFF

# Extension headers that state their length in units of 8 octets, less one; AH's is in units of 4, less two.
_HOP_BY_HOP, _ROUTING, _FRAGMENT_HEADER, _AUTHENTICATION, _DESTINATION, _MOBILITY, _HIP, _SHIM6 = (
    0, 43, 44, 51, 60, 135, 139, 140,
)  # fmt: skip
_EXTENSIONS = np.array(
    [_HOP_BY_HOP, _ROUTING, _FRAGMENT_HEADER, _AUTHENTICATION, _DESTINATION, _MOBILITY, _HIP, _SHIM6]
)
_MOST_EXTENSIONS = 8


class Datagrams(NamedTuple):
    """IP datagrams that carry TCP, whole or fragments.

    Attributes:
        number: which packet.
        at: where TCP's header (or the fragment's piece) begins.
        length: octets from there to the datagram's end, as IP states it.
        end: one past the last captured octet.
        source: the sending address, numbered, times 65536.
        target: the receiving one.
        fragment: offset and more-fragments bit as in IPv4's header; 0 for a whole datagram.
        id: identification of the fragment's datagram.
    """

    number: Positions
    at: Positions
    length: Integers
    end: Positions
    source: Endpoints
    target: Endpoints
    fragment: NDArray[np.integer[Any]]
    id: NDArray[np.integer[Any]]

    def take(self, which: NDArray[np.bool] | Positions) -> "Datagrams":
        """Some of them."""
        columns: tuple[Any, ...] = tuple(column[which] for column in self)
        return Datagrams(*columns)


def datagrams(packets: Packets, at: Positions, number: Positions, addresses: Addresses) -> Datagrams:
    """Those of the IP datagrams, beginning at these places in these packets, that carry TCP."""
    header = rows(packets.data, at, _IPV4)
    version = header["version"] >> 4
    if (version == 4).all():
        return _version_4(packets, at, number, header)
    four, six = version == 4, version == 6
    parts = (
        _version_4(packets, at[four], number[four], header[four]),
        _version_6(packets, at[six], number[six], addresses),
    )
    both: tuple[Any, ...] = tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Datagrams(*both).take(np.argsort(both[0], kind="stable"))


def _version_4(packets: Packets, at: Positions, number: Positions, header: NDArray[np.void]) -> Datagrams:
    end = picked(packets.end, number)
    header_length = (header["version"] & 15).astype(np.int64) << 2
    stated = header["length"].astype(np.int64)
    unstated = np.flatnonzero(stated == 0)
    if len(unstated):
        # The kernel leaves 0 where the network card is to cut the packet up.
        some = number[unstated]
        stated[unstated] = packets.wire[some] - (at[unstated] - packets.begin[some])
    found = Datagrams(
        number,
        at + header_length,
        stated - header_length,
        np.minimum(end, at + stated),
        header["source"].astype(np.uint64) << _PORT_BITS,
        header["target"].astype(np.uint64) << _PORT_BITS,
        header["fragment"] & np.uint16(_MORE | _FRAGMENT),
        header["id"],
    )
    good = (header["protocol"] == _TCP) & (header_length >= _SHORTEST) & (found.length > 0) & (at + _SHORTEST <= end)
    return found if good.all() else found.take(good)


def _version_6(packets: Packets, at: Positions, number: Positions, addresses: Addresses) -> Datagrams:
    whole = at + 40 <= packets.end[number]
    at, number = at[whole], number[whole]
    header = rows(packets.data, at, _IPV6)
    stated = header["length"].astype(np.int64)
    datagram_end = at + 40 + np.where(stated, stated, packets.wire[number] - (at - packets.begin[number]) - 40)
    place, kind, fragment, id_ = _after_extensions(packets, at + 40, header["next"].copy(), packets.end[number])
    source, target = (
        addresses.numbered(header[side]) << _PORT_BITS if len(at) else np.empty(0, np.uint64)
        for side in ("source", "target")
    )
    end = np.minimum(packets.end[number], datagram_end)
    found = Datagrams(number, place, datagram_end - place, end, source, target, fragment, id_)
    return found.take((kind == _TCP) & (found.length > 0))


def _after_extensions(
    packets: Packets, place: Positions, kind: NDArray[np.uint8], end: Positions
) -> tuple[Positions, NDArray[np.uint8], Integers, Integers]:
    """Where what is no extension header begins, its protocol, and what a fragment header said."""
    data = packets.data
    fragment, id_ = np.zeros_like(place), np.zeros_like(place)
    for _ in range(_MOST_EXTENSIONS):
        # A piece from a fragment's middle begins with data, whatever it looks like.
        extended = np.flatnonzero(np.isin(kind, _EXTENSIONS) & (place + 8 <= end) & (fragment & _FRAGMENT == 0))
        if not len(extended):
            break
        now, here = kind[extended], place[extended]
        units = data[here + 1].astype(np.int64)
        is_fragment = now == _FRAGMENT_HEADER
        length = np.where(now == _AUTHENTICATION, (units + 2) << 2, (units + 1) << 3)
        place[extended] += np.where(is_fragment, 8, length)
        kind[extended] = data[here]
        cut = here[is_fragment]
        word = data[cut + 2].astype(np.int64) << 8 | data[cut + 3]
        fragment[extended[is_fragment]] = word >> 3 | (word & 1) * _MORE
        id_[extended[is_fragment]] = u32(data, cut + 4, ">")
    return place, kind, fragment, id_
