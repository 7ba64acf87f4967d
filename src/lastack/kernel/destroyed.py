"""The destroy multicast of sock_diag: the kernel tells, unasked, of every TCP socket of a namespace that ends.

Anybody may listen. It tells of sockets, not of the time-wait entries that some leave behind: one is destroyed when its
socket enters TIME_WAIT, and nothing is said when that ends. Each message has what ``struct tcp_info`` counted.
Sources: sock_diag_broadcast_destroy(), net/core/sock_diag.c, since Linux 4.2; tcp_info, include/uapi/linux/tcp.h.
"""

import errno
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple, Self

from lastack.errors import TruncatedError
from lastack.kernel.sock_diag import SockDiagRefusedError
from lastack.kernel.stretch import ROW

__all__ = ["Destroyed", "Ended", "ended"]

_NETLINK_SOCK_DIAG = 4
_SOL_NETLINK, _NETLINK_ADD_MEMBERSHIP = 270, 1
_GROUPS = (1, 3)  # SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY
_SO_RCVBUFFORCE = 33
_ROOM = 1 << 27  # 50,000 messages and more
_LARGEST = 1 << 13

_ATTRIBUTE = struct.Struct("=HH")  # length, type
_INET_DIAG_INFO = 2
_MAPPED = bytes(10) + b"\xff\xff"


class _Field(NamedTuple):
    offset: int
    kind: struct.Struct


_WORD, _LONG = struct.Struct("=I"), struct.Struct("=Q")

# struct tcp_info; a kernel that does not have a field sends a shorter one.
_RTT, _RETRANSMITS = _Field(68, _WORD), _Field(100, _WORD)
_RECEIVED, _SENT, _SENT_AGAIN = _Field(128, _LONG), _Field(200, _LONG), _Field(208, _LONG)
_SEGS_OUT, _SEGS_IN = _Field(136, _WORD), _Field(140, _WORD)


class Ended(NamedTuple):
    """A socket that has ended. Absent is None: the kernel does not count it.

    Attributes:
        local: address (4 or 16 octets) and port.
        remote: those of the other end.
        cookie: what sock_diag and the tracepoints call the socket.
        uid: whose it was.
        octets_sent: data sent, once; since Linux 4.19.
        octets_received: data received; a FIN counts one.
        segments_out: segments sent.
        segments_in: received.
        retransmits: segments sent again.
        rtt_us: the last smoothed round trip, microseconds.
    """

    local: tuple[bytes, int]
    remote: tuple[bytes, int]
    cookie: int
    uid: int
    octets_sent: int | None
    octets_received: int | None
    segments_out: int | None
    segments_in: int | None
    retransmits: int | None
    rtt_us: int | None


class Destroyed:
    """Listens in the network namespace that the calling thread is in; a context manager.

    Attributes:
        overruns: how often the kernel had to drop messages, it does not say how many.

    Raises:
        SockDiagRefusedError: the kernel does not tell, or a sandbox forbids netlink.
    """

    def __init__(self) -> None:
        self.overruns = 0
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG)
        except OSError as error:
            raise SockDiagRefusedError(str(error)) from error
        try:
            self._socket.bind((0, 0))
            for group in _GROUPS:
                self._socket.setsockopt(_SOL_NETLINK, _NETLINK_ADD_MEMBERSHIP, group)
        except OSError as error:
            self._socket.close()
            raise SockDiagRefusedError(f"no multicast of destroyed sockets: {error}") from error
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        with suppress(PermissionError):  # the system's limit is for others than root
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ROOM)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """For poll(2): it is readable when sockets have ended."""
        return self._socket.fileno()

    def take(self) -> list[bytes]:
        """The messages that lie there, a netlink message each."""
        messages: list[bytes] = []
        receive, keep = self._socket.recv, messages.append
        while True:
            try:
                keep(receive(_LARGEST))
            except BlockingIOError:
                return messages
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.overruns += 1

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def ended(message: bytes) -> Ended:
    """What a message says.

    Raises:
        TruncatedError: ``truncated-netlink``.
    """
    if len(message) < ROW.size:
        raise TruncatedError("truncated-netlink", f"a destroyed socket in {len(message)} bytes, not {ROW.size}")
    family, _, _, _, sport, dport, source, target, _, cookie, _, _, _, uid, _ = ROW.unpack_from(message)
    info = _info(message)
    sent, again = _value(info, _SENT), _value(info, _SENT_AGAIN)
    return Ended(
        (_address(family, source), int.from_bytes(sport, "big")),
        (_address(family, target), int.from_bytes(dport, "big")),
        int.from_bytes(cookie, "little"),
        uid,
        None if sent is None or again is None else sent - again,
        *(_value(info, field) for field in (_RECEIVED, _SEGS_OUT, _SEGS_IN, _RETRANSMITS, _RTT)),
    )


def _address(family: int, octets: bytes) -> bytes:
    """An IPv6 socket that carried IPv4 had an IPv4 address."""
    if family == socket.AF_INET:
        return octets[:4]
    return octets[12:] if octets[:12] == _MAPPED else octets


def _info(message: bytes) -> bytes:
    return next((value for kind, value in _attributes(message) if kind == _INET_DIAG_INFO), b"")


def _attributes(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = ROW.size
    while at + _ATTRIBUTE.size <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, at)
        if length < _ATTRIBUTE.size or at + length > len(message):
            raise TruncatedError("truncated-netlink", f"netlink attribute, byte {at}: {length} bytes")
        yield kind, message[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3


def _value(info: bytes, field: _Field) -> int | None:
    if len(info) < field.offset + field.kind.size:
        return None
    value: int = field.kind.unpack_from(info, field.offset)[0]
    return value
