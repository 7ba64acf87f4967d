"""TCP segments as bytes: RFC 9293 section 3.1, options of RFC 7323 and RFC 2018, IP headers around them."""

import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "Segment", "parse"]

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

_TCP = struct.Struct("!HHIIBBHHH")  # ports, sequence, acknowledgement, words of header, flags, window, checksum, urgent
_IPV4 = struct.Struct("!BBHHHBBH4s4s")
_IPV6 = struct.Struct("!IHBB16s16s")
_END, _NOP, _MSS, _SCALE, _SACK_OK, _TIMESTAMPS = 0, 1, 2, 3, 4, 8  # kinds of options, IANA


class Segment(NamedTuple):
    """A segment.

    Attributes:
        source: address and port.
        target: address and port.
        flags: bits.
        sequence: number of its first byte.
        acknowledgement: number of the byte expected next.
        timestamps: value and echo; None: no such option.
        mss: of a SYN; None: no such option.
        scale: window scale of a SYN; None: no such option.
        sack: whether a SYN permits selective acknowledgements.
        payload: its data.
        at: when the kernel saw it, in seconds; 0 for one of ours.
    """

    source: tuple[str, int]
    target: tuple[str, int]
    flags: int
    sequence: int = 0
    acknowledgement: int = 0
    timestamps: tuple[int, int] | None = None
    mss: int | None = None
    scale: int | None = None
    sack: bool = False
    payload: bytes = b""
    at: float = 0.0

    def packet(self) -> bytes:
        """The segment in an IP packet."""
        options = self._options()
        words = (_TCP.size + len(options)) // 4
        header = _TCP.pack(
            self.source[1], self.target[1], self.sequence, self.acknowledgement, words << 4, self.flags, 65_535, 0, 0
        )
        source, target = (_packed(end[0]) for end in (self.source, self.target))
        rest = options + self.payload
        pseudo = source + target + struct.pack("!II", len(header) + len(rest), socket.IPPROTO_TCP)
        checksum = _checksum(pseudo + header + rest)
        body = header[:16] + struct.pack("!H", checksum) + header[18:] + rest
        return _ip(source, target, len(body)) + body

    def _options(self) -> bytes:
        found = b""
        if self.mss is not None:
            found += struct.pack("!BBH", _MSS, 4, self.mss)
        if self.sack:
            found += struct.pack("!BB", _SACK_OK, 2)
        if self.timestamps is not None:
            found += struct.pack("!BBII", _TIMESTAMPS, 10, *self.timestamps)
        if self.scale is not None:
            found += struct.pack("!BBB", _SCALE, 3, self.scale)
        return found + bytes([_NOP]) * (-len(found) % 4)


def parse(packet: bytes, at: float = 0.0) -> Segment | None:
    """The segment in an IP packet; None: there is none."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and packet[9] == socket.IPPROTO_TCP:
        source, target = packet[12:16], packet[16:20]
        start, end = (packet[0] & 0xF) * 4, int.from_bytes(packet[2:4], "big")
    elif version == 6 and packet[6] == socket.IPPROTO_TCP:
        source, target = packet[8:24], packet[24:40]
        start, end = _IPV6.size, _IPV6.size + int.from_bytes(packet[4:6], "big")
    else:
        return None
    source_port, target_port, sequence, acknowledgement, words, flags, *_ = _TCP.unpack_from(packet, start)
    data = start + (words >> 4) * 4
    options = dict(_parsed(packet[start + _TCP.size : data]))
    stamps, mss, scale = options.get(_TIMESTAMPS), options.get(_MSS), options.get(_SCALE)
    value, echo = struct.unpack("!II", stamps) if stamps else (0, 0)
    return Segment(
        (_text(source), source_port),
        (_text(target), target_port),
        flags,
        sequence,
        acknowledgement,
        (value, echo) if stamps else None,
        int.from_bytes(mss, "big") if mss else None,
        scale[0] if scale else None,
        _SACK_OK in options,
        packet[data:end],
        at,
    )


def _parsed(options: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(options) and options[at] != _END:
        length = 1 if options[at] == _NOP else options[at + 1]
        yield options[at], options[at + 2 : at + length]
        at += max(length, 1)


def _ip(source: bytes, target: bytes, length: int) -> bytes:
    if len(source) == 16:
        return _IPV6.pack(6 << 28, length, socket.IPPROTO_TCP, 64, source, target)
    fields = (0x45, 0, _IPV4.size + length, 0, 0, 64, socket.IPPROTO_TCP)
    checksum = _checksum(_IPV4.pack(*fields, 0, source, target))
    return _IPV4.pack(*fields, checksum, source, target)


def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET6 if len(address) == 16 else socket.AF_INET, address)


def _checksum(octets: bytes) -> int:
    """RFC 1071."""
    octets += b"\0" * (len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
