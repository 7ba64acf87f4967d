"""What sock_diag says of a namespace's sockets and the tracepoints do not: which are there, which wait for a FIN."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.kernel.sock_diag import SockDiagRefusedError, open_socket, survey
from lastack.kernel.stretch import FAMILY, ROW, TIMER, TIMER_TIME_WAIT, Stretch
from lastack.live.rows import address
from lastack.live.sockets import FIN_WAIT2

__all__ = ["Diag", "cookies"]

_Column = NDArray[Any]

# Offsets into a message: struct inet_diag_sockid, include/uapi/linux/inet_diag.h.
_SPORT, _DPORT, _SOURCE, _TARGET, _COOKIE = 20, 22, 24, 40, 60
_EVERY_STATE = 0xFFFFFFFF


def _endpoints(
    messages: bytes | memoryview, stride: int, numbered: Callable[[NDArray[np.uint8]], _Column]
) -> tuple[_Column, _Column]:
    """The local and the remote endpoints of sock_diag messages of one length."""
    rows = np.frombuffer(messages, np.uint8).reshape(-1, stride)[:, : ROW.size]
    family = rows[:, FAMILY]
    local, remote = (
        (
            address(
                family, rows[:, place : place + 4].copy().view(">u4").ravel(), rows[:, place : place + 16], numbered
            )
            << np.uint64(16)
        )
        | rows[:, port : port + 2].copy().view(">u2").ravel().astype(np.uint64)
        for place, port in ((_SOURCE, _SPORT), (_TARGET, _DPORT))
    )
    return local, remote


def cookies(messages: bytes, stride: int) -> _Column:
    """What sock_diag messages of one length call their sockets."""
    rows = np.frombuffer(messages, np.uint8).reshape(-1, stride)
    return rows[:, _COOKIE : _COOKIE + 8].copy().view("=u8").ravel()


class _Sink:
    """Keeps the endpoints of all rows, or of time-wait entries alone."""

    def __init__(self, numbered: Callable[[NDArray[np.uint8]], _Column], *, entries: bool) -> None:
        self._numbered = numbered
        self._entries = entries
        self.found: list[tuple[_Column, _Column]] = []

    def add(self, stretch: Stretch) -> None:
        local, remote = _endpoints(stretch.rows, stretch.stride, self._numbered)
        if self._entries:
            entry = np.frombuffer(stretch.column(TIMER), np.uint8) == TIMER_TIME_WAIT
            local, remote = local[entry], remote[entry]
        self.found.append((local, remote))


class Diag:
    """Asks in the namespace that the thread is in when this is made.

    Args:
        numbered: gives the numbers of IPv6 addresses.

    Raises:
        SockDiagRefusedError: the kernel does not list sockets.
    """

    def __init__(self, numbered: Callable[[NDArray[np.uint8]], _Column]) -> None:
        self._numbered = numbered
        self._socket = open_socket()

    def half_closed(self) -> set[tuple[int, int]]:
        """Local and remote endpoints of closed sockets that wait for the peer's FIN; empty where the kernel refuses."""
        found: set[tuple[int, int]] = set()
        with suppress(SockDiagRefusedError):
            for local, remote in self._survey(1 << FIN_WAIT2, entries=True):
                found.update(zip(local.tolist(), remote.tolist(), strict=True))
        return found

    def sockets(self) -> tuple[_Column, _Column]:
        """Local and remote endpoints of all that are there.

        Raises:
            SockDiagRefusedError: the kernel does not list sockets.
        """
        found = self._survey(_EVERY_STATE, entries=False)
        if not found:
            return np.empty(0, np.uint64), np.empty(0, np.uint64)
        local, remote = zip(*found, strict=True)
        return np.concatenate(local), np.concatenate(remote)

    def _survey(self, states: int, *, entries: bool) -> list[tuple[_Column, _Column]]:
        sink, _ = survey(lambda: _Sink(self._numbered, entries=entries), states, opener=self._opener)
        return sink.found

    def _opener(self) -> socket.socket:
        return self._socket.dup()  # it stays in its namespace, wherever the thread is

    def close(self) -> None:
        """Ask no more."""
        self._socket.close()
