"""Giving TIME_WAIT sockets their full minute again, so that a population can be held.

A segment with ACK that reaches a TIME_WAIT socket restarts its 60 s, whatever its sequence number; one out of window
is answered with an ACK besides (tcp_timewait_state_process, net/ipv4/tcp_minisocks.c), which the client answers with a
RST. With tcp_rfc1337 set, that RST does not end the TIME_WAIT.
"""

import socket
import struct
from collections.abc import Iterable

__all__ = ["send_acks"]

_HEADER = struct.Struct("!HHIIBBHHH")  # RFC 9293 section 3.1: ports, sequence, acknowledgement, ..., checksum, urgent
_WORDS_OF_HEADER = 5 << 4
_ACK = 0x10


def send_acks(raw: socket.socket, target: str, pairs: Iterable[tuple[int, int]]) -> None:
    """Send a bare ACK for each pair of source port and target port.

    Args:
        raw: a raw socket of TCP, bound to the source address; of a namespace that has this address.
        target: where to.
        pairs: the ports.
    """
    raw.connect((target, 0))
    source = raw.getsockname()[0]
    addresses = b"".join(socket.inet_pton(raw.family, end) for end in (source, target))
    constant = _sum(addresses) + socket.IPPROTO_TCP + _HEADER.size + (_WORDS_OF_HEADER << 8 | _ACK)
    for source_port, target_port in pairs:
        checksum = ~_folded(constant + source_port + target_port) & 0xFFFF
        raw.send(_HEADER.pack(source_port, target_port, 0, 0, _WORDS_OF_HEADER, _ACK, 0, checksum, 0))


def _sum(octets: bytes) -> int:
    return sum(struct.unpack(f"!{len(octets) // 2}H", octets))


def _folded(number: int) -> int:
    """The sum in ones' complement, RFC 1071."""
    while number >> 16:
        number = (number & 0xFFFF) + (number >> 16)
    return number
