"""A proxy: it answers each request with what an upstream answers, over a new connection or one that it kept."""

import errno
import select
import socket
from collections.abc import Sequence
from itertools import cycle

from lastack.lab.workloads.wire import ANSWER, KEEP, LAST, errno_name, failure, listen, no_limit

__all__ = ["Relay"]

_PENDING = frozenset({errno.EINPROGRESS, errno.EAGAIN, errno.ENOTCONN})
_BATCH = 64


class _Trip:
    """A request on its way to the upstream and back."""

    __slots__ = ("asked", "last", "visitor")

    def __init__(self, visitor: int, *, last: bool) -> None:
        self.visitor = visitor
        self.last = last  # the visitor makes no more
        self.asked = False


class Relay:
    """Lives in the host under test.

    Args:
        upstreams: where requests go, in turn.
        keepalive: idle upstream connections that are kept; 0: each is closed after its answer, by us first.
    """

    def __init__(self, upstreams: Sequence[tuple[str, int]], keepalive: int) -> None:
        no_limit()
        self._upstreams = cycle(upstreams)
        self._keepalive = keepalive
        self._poll = select.epoll()
        self._doors: dict[int, socket.socket] = {}
        self._visitors: dict[int, socket.socket] = {}
        self._trips: dict[int, tuple[socket.socket, _Trip]] = {}
        self._idle: list[socket.socket] = []

    def listen(self, address: str, ports: Sequence[int], backlog: int) -> None:
        """Listen; who comes before ``serve`` waits in the queue."""
        for door in listen(address, ports, backlog):
            self._doors[door.fileno()] = door
            self._poll.register(door, select.EPOLLIN)

    def serve(self) -> None:
        """Serve until this process ends."""
        while True:
            for number, _ in self._poll.poll():
                if number in self._doors:
                    self._accept(self._doors[number])
                elif number in self._visitors:
                    self._hear(number)
                elif number in self._trips:
                    self._go_on(number)

    def _accept(self, door: socket.socket) -> None:
        for _ in range(_BATCH):
            try:
                came = door.accept()[0]
            except OSError:
                return
            came.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            self._visitors[came.fileno()] = came
            self._poll.register(came, select.EPOLLIN)
            self._hear(came.fileno())

    def _hear(self, visitor: int) -> None:
        try:
            request = self._visitors[visitor].recv(len(KEEP))
        except BlockingIOError:
            return
        except OSError:
            request = b""
        if not request:
            self._visitors.pop(visitor).close()
            return
        trip = _Trip(visitor, last=request == LAST)
        upstream = self._idle.pop() if self._idle else self._connect(trip)
        if upstream is not None:
            self._trips[upstream.fileno()] = (upstream, trip)
            self._ask(upstream.fileno())

    def _connect(self, trip: _Trip) -> socket.socket | None:
        target = next(self._upstreams)
        sock = socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        result = sock.connect_ex(target)
        if result and result not in _PENDING:
            sock.close()
            self._answer(trip, failure(errno.errorcode.get(result, str(result))))
            return None
        self._poll.register(sock, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
        return sock

    def _ask(self, number: int) -> None:
        sock, trip = self._trips[number]
        try:
            sock.send(KEEP if self._keepalive else LAST)
            trip.asked = True
        except OSError as error:
            if error.errno not in _PENDING:
                self._end_trip(number, failure(errno_name(error)), keep=False)

    def _go_on(self, number: int) -> None:
        sock, trip = self._trips[number]
        if not trip.asked:
            self._ask(number)
            return
        try:
            answer = sock.recv(ANSWER)
        except BlockingIOError:
            return
        except OSError as error:
            self._end_trip(number, failure(errno_name(error)), keep=False)
            return
        self._end_trip(number, answer or failure("ECONNRESET"), keep=bool(answer))

    def _end_trip(self, number: int, answer: bytes, *, keep: bool) -> None:
        sock, trip = self._trips.pop(number)
        if keep and len(self._idle) < self._keepalive:
            self._idle.append(sock)
        else:
            sock.close()
        self._answer(trip, answer)

    def _answer(self, trip: _Trip, answer: bytes) -> None:
        sock = self._visitors.get(trip.visitor)
        if sock is None:
            return
        try:
            sock.send(answer)
        except OSError:
            self._visitors.pop(trip.visitor).close()
        # After its last answer the visitor closes, and we hear of it.
