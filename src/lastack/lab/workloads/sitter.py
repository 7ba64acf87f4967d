"""Idle connections: a host that holds them, its guests, and a middle that forgets them or loses the guests."""

import select
import socket
import struct
import time
from collections.abc import Sequence

from lastack.lab.cuts import cut
from lastack.lab.route import Route
from lastack.lab.workloads.outcome import Outcome
from lastack.lab.workloads.wire import KEEP, listen, no_limit

__all__ = ["Guest", "Sitter"]

_PATIENCE_S = 1.0
_LOOK_S = 0.05
_IDLE = struct.Struct(
    "@52xII"
)  # struct tcp_info, include/uapi/linux/tcp.h: ms since the last data and the last ACK came
_USER_TIMEOUT = 18  # TCP_USER_TIMEOUT, include/uapi/linux/tcp.h


class Guest:
    """The far ends: each connects from an address of its own, and answers what comes."""

    def __init__(self) -> None:
        no_limit()
        self._poll = select.epoll()
        self._socks: dict[int, socket.socket] = {}

    def connect(self, target: tuple[str, int], sources: Sequence[str]) -> None:
        """Connect once from each source."""
        for source in sources:
            sock = socket.create_connection(target, _PATIENCE_S, (source, 0))
            sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            self._socks[sock.fileno()] = sock
            self._poll.register(sock, select.EPOLLIN)

    def answer(self) -> None:
        """Answer until this process ends."""
        while True:
            for number, _ in self._poll.poll():
                sock = self._socks[number]
                try:
                    request = sock.recv(len(KEEP))
                    sock.send(request)
                except OSError:
                    request = b""
                if not request:
                    self._poll.unregister(number)


class Sitter:
    """The host under test: it holds the connections, and at the end wants an answer on each.

    Args:
        so_keepalive: whether its sockets have SO_KEEPALIVE.
        user_timeout_ms: TCP_USER_TIMEOUT of its sockets; 0: none.
    """

    def __init__(self, *, so_keepalive: bool, user_timeout_ms: int) -> None:
        no_limit()
        self._so_keepalive = so_keepalive
        self._user_timeout_ms = user_timeout_ms
        self._held: list[tuple[socket.socket, str]] = []

    def listen(self, address: str, port: int, backlog: int) -> None:
        """Listen."""
        (self._door,) = listen(address, [port], backlog)

    def accept(self, count: int) -> None:
        """Accept so many, which have connected."""
        self._door.setblocking(True)  # noqa: FBT003 - the socket module's own signature
        for _ in range(count):
            sock, (address, *_) = self._door.accept()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, self._so_keepalive)
            sock.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, self._user_timeout_ms)
            sock.setblocking(False)  # noqa: FBT003 - as above
            self._held.append((sock, address))

    def sit(self, idle_s: float, forget_s: float | None) -> Outcome:
        """Sit idle, then ask on every connection.

        Args:
            idle_s: for how long.
            forget_s: how long the middle remembers a connection on which nothing comes; None: the guests are lost
                from the start.
        """
        start = time.monotonic()
        with Route() as route:
            gone = {address for _, address in self._held} if forget_s is None else set()
            for address in gone:
                cut(route, address)
            while time.monotonic() < start + idle_s:
                time.sleep(_LOOK_S)
                for sock, address in self._held if forget_s is not None else ():
                    if address not in gone and _idle_s(sock) > (forget_s or 0):
                        cut(route, address)
                        gone.add(address)
        open_still = [sock for sock, _ in self._held if _seems_open(sock)]
        alive = _asked(open_still)
        count = len(self._held)
        return Outcome(
            opened=count,
            answered=alive,
            asked=count,
            seconds=time.monotonic() - start,
            lost=count - alive,
            unnoticed=len(open_still) - alive,
        )


def _idle_s(sock: socket.socket) -> float:
    since_data, since_ack = _IDLE.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _IDLE.size))
    return float(min(since_data, since_ack)) / 1000


def _seems_open(sock: socket.socket) -> bool:
    """Whether the host knows of no error."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _asked(socks: Sequence[socket.socket]) -> int:
    """Ask on each; how many answer in time."""
    poll = select.poll()
    for sock in socks:
        try:
            sock.send(KEEP)
        except OSError:
            continue
        poll.register(sock, select.POLLIN)
    waiting = {sock.fileno(): sock for sock in socks}
    answered = 0
    deadline = time.monotonic() + _PATIENCE_S
    while answered < len(socks) and (left := deadline - time.monotonic()) > 0:
        for number, _ in poll.poll(left * 1000):
            poll.unregister(number)
            answered += _has_answer(waiting[number])
    return answered


def _has_answer(sock: socket.socket) -> bool:
    try:
        return sock.recv(len(KEEP)) == KEEP
    except OSError:
        return False
