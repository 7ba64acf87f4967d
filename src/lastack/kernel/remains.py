"""What a socket has left behind: a time-wait entry, asked for by its two endpoints.

Source: inet_diag_find_one_icsk(), net/ipv4/inet_diag.c.
"""

import socket
import struct
from typing import NamedTuple, Self

from lastack.kernel.sock_diag import open_socket
from lastack.kernel.stretch import EXPIRES, ROW, STATE, TIMER, TIMER_TIME_WAIT
from lastack.tcp.states import BY_NUMBER

__all__ = ["Entry", "Remains"]

_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_REQUEST = struct.Struct("=BBBB I HH 16s16s I 8s")  # family, protocol, ext, pad, states, struct inet_diag_sockid
_NO_COOKIE = b"\xff" * 8
_WORD = struct.Struct("=I")
_LARGEST = 1 << 13


class Entry(NamedTuple):
    """A time-wait entry.

    Attributes:
        state: TIME_WAIT, or FIN_WAIT2 while the peer's FIN has not come.
        left_ms: milliseconds until it goes.
    """

    state: str
    left_ms: int


class Remains:
    """Asks in the namespace that the calling thread is in when this is made; a context manager.

    Raises:
        SockDiagRefusedError: the kernel does not list sockets.
    """

    def __init__(self) -> None:
        self._socket = open_socket()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def of(self, local: tuple[bytes, int], remote: tuple[bytes, int]) -> Entry | None:
        """The entry that stands for a connection, if one does: its two endpoints, addresses of 4 or 16 octets."""
        family = socket.AF_INET if len(local[0]) == 4 else socket.AF_INET6
        ports = socket.htons(local[1]), socket.htons(remote[1])
        addresses = local[0].ljust(16, b"\0"), remote[0].ljust(16, b"\0")
        request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, 0, *ports, *addresses, 0, _NO_COOKIE)
        length = _HEADER.size + len(request)
        self._socket.send(_HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0) + request)
        answer = self._socket.recv(_LARGEST)
        # Where there is none, an error is told, or the listener on that port.
        if len(answer) < ROW.size or answer[TIMER] != TIMER_TIME_WAIT:
            return None
        return Entry(BY_NUMBER.get(answer[STATE], "TIME_WAIT"), _WORD.unpack_from(answer, EXPIRES)[0])
