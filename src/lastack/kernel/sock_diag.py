"""sock_diag: the kernel's own list of TCP sockets (man 7 sock_diag).

The old request TCPDIAG_GETSOCK (inet_diag_rcv_msg_compat, net/ipv4/inet_diag.c) walks the hash table once for both
address families; SOCK_DIAG_BY_FAMILY needs a walk for each. We ask the first and fall back to the second. No
privilege is needed: a namespace shows its sockets to everyone in it.
"""

import errno
import socket
import struct
from collections.abc import Callable
from contextlib import closing
from typing import Protocol, TypeVar

from lastack.errors import RefusedError, TruncatedError
from lastack.kernel.stretch import DumpError, Parser, Stretch

__all__ = [
    "ATTEMPTS",
    "INFO",
    "SKMEMINFO",
    "Sink",
    "SockDiagRefusedError",
    "dump",
    "family_requests",
    "open_socket",
    "survey",
]

ATTEMPTS = 3

# Bits of idiag_ext: the attributes that a row is to have besides its own (1 << (INET_DIAG_* - 1)).
INFO, SKMEMINFO = 1 << 1, 1 << 6

_NETLINK_SOCK_DIAG = 4
_TCPDIAG_GETSOCK, _SOCK_DIAG_BY_FAMILY = 18, 20
_NLM_F_REQUEST_DUMP = 0x301
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_OLD_REQUEST = struct.Struct("=BBBB 48x II")  # family, src_len, dst_len, ext, id, states, dbs
_REQUEST = struct.Struct("=BBBB I 48x")  # family, protocol, ext, pad, states, id

# The kernel fills datagrams up to 32 KiB, however large the buffer is (netlink_recvmsg, net/netlink/af_netlink.c).
_BUFFER_BYTES = 1 << 16

_LONG = 64  # messages

# A dump answers at once; a kernel that says nothing for so long (a sandbox's, say) will not.
_SILENCE_S = 5

# How kernels answer a request that they do not have (tcp_diag missing: ENOENT).
_UNKNOWN_REQUEST = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOENT})


class SockDiagRefusedError(RefusedError):
    """This kernel has no sock_diag for TCP, or does not let us use it."""

    def __init__(self, reason: str) -> None:
        super().__init__("sock-diag-refused", f"the kernel does not list TCP sockets through sock_diag: {reason}")


class Sink(Protocol):
    """What a dump is poured into."""

    def add(self, stretch: Stretch, /) -> None:
        """Take rows, of which those of one length come in the kernel's order; the memory is used again after."""


S = TypeVar("S", bound=Sink)


def open_socket() -> socket.socket:
    """A sock_diag socket of the namespace that the calling thread is in.

    Raises:
        SockDiagRefusedError: the kernel, or a filter in front of it, forbids the socket.
    """
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG)
    except OSError as error:
        raise SockDiagRefusedError(str(error)) from error
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", _SILENCE_S, 0))
    return sock


def survey(
    make_sink: Callable[[], S],
    states: int,
    *,
    extension: int = 0,
    opener: Callable[[], socket.socket] = open_socket,
) -> tuple[S, bool]:
    """Pour all TCP sockets in the given states into a sink.

    A dump that the kernel marks as interrupted, or that lost a message or broke off, is repeated with a fresh sink,
    up to ``ATTEMPTS`` times.

    Args:
        make_sink: makes an empty sink for each attempt.
        states: bit mask of kernel state numbers.
        extension: ``INFO``, ``SKMEMINFO``, or 0.
        opener: makes the netlink socket.

    Returns:
        The sink of the last attempt, and whether it is exact.

    Raises:
        SockDiagRefusedError: there is no sock_diag for TCP here.
    """
    for _ in range(ATTEMPTS):
        sink = make_sink()
        exact = _pour(sink, states, extension, opener)
        if exact:
            break
    return sink, exact


def _pour(sink: Sink, states: int, extension: int, opener: Callable[[], socket.socket]) -> bool:
    old = _message(_TCPDIAG_GETSOCK, _OLD_REQUEST.pack(socket.AF_INET, 0, 0, extension, states, 0))
    try:
        return dump(old, sink, opener)
    except DumpError as error:
        if error.number not in _UNKNOWN_REQUEST:
            raise SockDiagRefusedError(str(error)) from error
    try:
        ipv4, ipv6 = [dump(request, sink, opener) for request in family_requests(states, extension)]
    except DumpError as error:
        raise SockDiagRefusedError(str(error)) from error
    return ipv4 and ipv6


def family_requests(states: int, extension: int = 0) -> list[bytes]:
    """The requests of kernels without the old one: IPv4, then IPv6."""
    return [
        _message(_SOCK_DIAG_BY_FAMILY, _REQUEST.pack(family, socket.IPPROTO_TCP, extension, 0, states))
        for family in (socket.AF_INET, socket.AF_INET6)
    ]


def _message(kind: int, payload: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(payload), kind, _NLM_F_REQUEST_DUMP, 1, 0) + payload


def dump(request: bytes, sink: Sink, opener: Callable[[], socket.socket] = open_socket) -> bool:
    """Send one dump request and pour the answer into a sink.

    Returns:
        False where the kernel says that the dump was interrupted, or messages were lost or cut.

    Raises:
        DumpError: the kernel answered with an error.
    """
    exact, parser = True, Parser()
    buffer = memoryview(bytearray(_BUFFER_BYTES))
    with opener() as sock, closing(_Gatherer(sink)) as gatherer:
        sock.send(request)
        while True:
            try:
                length = sock.recv_into(buffer, 0, socket.MSG_TRUNC)
                for item in parser.parse(buffer[: min(length, _BUFFER_BYTES)]):
                    if isinstance(item, Stretch):
                        gatherer.add(item)
                    elif item == "done":
                        return exact
                    else:
                        exact = False
            except (TruncatedError, BlockingIOError):  # cut, or silent for too long
                return False
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise DumpError(error.errno or 0) from error
                exact = False  # messages were lost, but those to come are whole


class _Gatherer:
    """Makes long stretches of short ones: a busy host's open and closed connections lie in the table as they fall.

    A sink takes hundreds of rows in hardly more time than three.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._short: dict[int, bytearray] = {}  # by stride

    def add(self, stretch: Stretch) -> None:
        """Pass a stretch on, now or later."""
        if stretch.messages >= _LONG:
            self._sink.add(stretch)
            return
        gathered = self._short.get(stretch.stride)
        if gathered is None:
            gathered = self._short[stretch.stride] = bytearray()
        gathered += stretch.rows
        if len(gathered) >= _BUFFER_BYTES:
            self._pour(stretch.stride)

    def close(self) -> None:
        """Pass on what is left."""
        for stride in list(self._short):
            self._pour(stride)

    def _pour(self, stride: int) -> None:
        rows = self._short.pop(stride)
        self._sink.add(Stretch(memoryview(rows), stride, len(rows) // stride))
