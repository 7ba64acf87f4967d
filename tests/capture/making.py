"""Captures made for tests, octet by octet: segments, IP, link layers, files."""

import struct
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, ip_address
from typing import NamedTuple

__all__ = [
    "ACK", "CLIENT", "CONVERSATION", "FIN", "LINK_LAYERS", "PSH", "RST", "SERVER", "SYN", "Packet", "ipv4", "ipv6",
    "packets", "pcap", "pcapng", "tcp",
]  # fmt: skip

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

CLIENT, SERVER = ("192.0.2.1", 50000), ("192.0.2.80", 80)
_START_NS = 1_700_000_000_123_456_000


class Packet(NamedTuple):
    """A packet of a capture: when, and its octets from the link layer on; ``wire`` octets before it was cut."""

    time: int
    octets: bytes
    wire: int = 0


# A connection by hand: from the client, flags, relative seq and ack, octets of data.
CONVERSATION = (
    (True, SYN, 0, 0, 0),
    (False, SYN | ACK, 0, 1, 0),
    (True, ACK, 1, 1, 0),
    (True, PSH | ACK, 1, 1, 100),
    (False, PSH | ACK, 1, 101, 1000),
    (True, ACK, 101, 1001, 0),
    (True, FIN | ACK, 101, 1001, 0),
    (False, ACK, 1001, 102, 0),
    (False, FIN | ACK, 1001, 102, 0),
    (True, ACK, 102, 1002, 0),
)


def _checksum(octets: bytes) -> int:
    # RFC 1071, word by word.
    total: int = sum(struct.unpack(f">{(len(octets) + 1) // 2}H", octets + bytes(len(octets) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp(
    source: tuple[str, int],
    target: tuple[str, int],
    flags: int,
    seq: int,
    ack: int,
    payload: int,
    *,
    sound: bool = True,
) -> bytes:
    """A TCP segment with timestamps, and a checksum that is right or wrong."""
    options = b"\1\1\x08\x0a" + struct.pack(">II", 1, 2)
    data = bytes(number & 0xFF for number in range(payload))
    head = struct.pack(
        ">HHIIBBHHH", source[1], target[1], seq % 2**32, ack % 2**32, (20 + len(options)) << 2, flags, 64240, 0, 0
    )
    segment = head + options + data
    ends = ip_address(source[0]).packed + ip_address(target[0]).packed
    if len(ends) == 8:
        pseudo = ends + struct.pack(">HH", 6, len(segment))
    else:
        pseudo = ends + struct.pack(">II", len(segment), 6)
    return segment[:16] + struct.pack(">H", _checksum(pseudo + segment) ^ (not sound)) + segment[18:]


def ipv4(
    source: str, target: str, payload: bytes, *, options: bytes = b"", fragment: int = 0, number: int = 7
) -> bytes:
    """An IPv4 datagram that carries TCP."""
    length = 20 + len(options) + len(payload)
    ends = IPv4Address(source).packed + IPv4Address(target).packed
    head = struct.pack(">BBHHHBBH", 0x40 | (20 + len(options)) >> 2, 0, length, number, fragment, 64, 6, 0) + ends
    return head + options + payload


def ipv6(source: str, target: str, payload: bytes, *, headers: bytes = b"", following: int = 6) -> bytes:
    """An IPv6 datagram; ``headers`` are its extension headers, ``following`` is the number of the first."""
    ends = ip_address(source).packed + ip_address(target).packed
    return struct.pack(">IHBB", 6 << 28, len(headers) + len(payload), following, 64) + ends + headers + payload


def packets(
    wrap: Callable[[bytes, bool], bytes] = lambda datagram, _: datagram,
    *,
    ends: tuple[tuple[str, int], tuple[str, int]] = (CLIENT, SERVER),
    steps: Iterable[tuple[bool, int, int, int, int]] = CONVERSATION,
    base: tuple[int, int] = (1000, 2_000_000_000),
    start: int = _START_NS,
    **options: bytes,
) -> list[Packet]:
    """A connection, a millisecond from segment to segment; ``wrap`` adds the link layer (datagram, is it IPv6)."""
    made = []
    client, server = ends
    for number, (forward, flags, seq, ack, payload) in enumerate(steps):
        source, target = (client, server) if forward else (server, client)
        mine, peer = base if forward else base[::-1]
        segment = tcp(source, target, flags, mine + seq, (peer + ack) * bool(flags & ACK), payload)
        is_six = ":" in source[0]
        datagram = ipv6(source[0], target[0], segment) if is_six else ipv4(source[0], target[0], segment, **options)  # type: ignore[arg-type]
        made.append(Packet(start + number * 1_000_000, wrap(datagram, is_six)))
    return made


def _type(is_six: bool) -> bytes:  # noqa: FBT001 - one flag
    return b"\x86\xdd" if is_six else b"\x08\x00"


_MACS = bytes.fromhex("020000000002020000000001")

# By name: link type, and how it wraps a datagram.
LINK_LAYERS: dict[str, tuple[int, Callable[[bytes, bool], bytes]]] = {
    "Ethernet": (1, lambda ip, six: _MACS + _type(six) + ip),
    "VLAN": (1, lambda ip, six: _MACS + b"\x81\x00\x00\x05" + _type(six) + ip),
    "QinQ": (1, lambda ip, six: _MACS + b"\x88\xa8\x00\x05\x81\x00\x00\x06" + _type(six) + ip),
    "QinQ of old": (1, lambda ip, six: _MACS + b"\x91\x00\x00\x05\x81\x00\x00\x06" + _type(six) + ip),
    "MPLS": (1, lambda ip, _: _MACS + b"\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40" + ip),
    "PPPoE": (
        1,
        lambda ip, six: _MACS + b"\x88\x64\x11\x00\x00\x01\x00\x00" + (b"\x00\x57" if six else b"\x00\x21") + ip,
    ),
    "LLC and SNAP": (1, lambda ip, six: _MACS + b"\x00\x40\xaa\xaa\x03\x00\x00\x00" + _type(six) + ip),
    "raw IP": (101, lambda ip, _: ip),
    "raw IP, BSD's number": (12, lambda ip, _: ip),
    "raw IP by family": (228, lambda ip, _: ip),
    "NULL, little-endian": (0, lambda ip, six: struct.pack("<I", 30 if six else 2) + ip),
    "NULL, big-endian": (0, lambda ip, six: struct.pack(">I", 24 if six else 2) + ip),
    "LOOP": (108, lambda ip, six: struct.pack(">I", 24 if six else 2) + ip),
    "Linux cooked": (113, lambda ip, six: bytes(14) + _type(six) + ip),
    "Linux cooked v2": (276, lambda ip, six: _type(six) + bytes(18) + ip),
    "PPP": (9, lambda ip, six: b"\xff\x03" + (b"\x00\x57" if six else b"\x00\x21") + ip),
}


def pcap(
    made: Sequence[Packet], link: int = 1, *, order: str = "<", nanoseconds: bool = False, minor: int = 4, snap: int = 0
) -> bytes:
    """A pcap file; before version 2.3 the two lengths of a packet stood the other way round."""
    unit = 1 if nanoseconds else 1000
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, minor, 0, 0, snap or 262144, link)]
    for time, octets, wire in made:
        lengths = (min(len(octets), snap or len(octets)), wire or len(octets))
        lengths = lengths[::-1] if minor < 3 else lengths
        parts.append(struct.pack(f"{order}IIII", time // 10**9, time % 10**9 // unit, *lengths))
        parts.append(octets[: snap or None])
    return b"".join(parts)


def pcapng(
    made: Sequence[Packet], link: int = 1, *, order: str = "<", resolution: int | None = None, old: bool = False
) -> bytes:
    """A pcapng file of one section and interface; ``resolution`` as in if_tsresol."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack(f"{order}II", kind, len(body) + 12) + body + struct.pack(f"{order}I", len(body) + 12)

    options = b"" if resolution is None else struct.pack(f"{order}HHBxxxHH", 9, 1, resolution, 0, 0)
    parts = [
        block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack(f"{order}HHI", link, 0, 0) + options),
        block(4, bytes(8)),
    ]
    for time, octets, wire in made:
        ticks = _ticks(time, 6 if resolution is None else resolution)
        place = (ticks >> 32, ticks & 0xFFFFFFFF, len(octets), wire or len(octets))
        number = struct.pack(f"{order}HH", 0, 0xFFFF) if old else struct.pack(f"{order}I", 0)
        parts.append(block(2 if old else 6, number + struct.pack(f"{order}IIII", *place) + octets))
    return b"".join(parts)


def _ticks(time: int, resolution: int) -> int:
    per_second: int = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    return time * per_second // 10**9
