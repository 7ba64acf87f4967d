"""The end that is connected to: it accepts, answers, and closes when it is its turn."""

import select
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from lastack.lab.workloads.wire import KEEP, LAST, OK, listen, no_limit

__all__ = ["Manners", "Service"]

_BATCH = 64  # accepted in a row, before those accepted earlier have their turn


class Manners(NamedTuple):
    """How a service behaves.

    Attributes:
        backlog: of its listeners.
        closes: whether it closes first, after the last answer; otherwise when its peer has closed.
        leaks: whether it never closes what its peer has closed.
        accepts_per_s: how many it accepts a second, at most, busy with each; None: all that come.
    """

    backlog: int = 4096
    closes: bool = True
    leaks: bool = False
    accepts_per_s: float | None = None


class Service:
    """Serves on some ports of an address of the namespace that it lives in."""

    def __init__(self, manners: Manners) -> None:
        no_limit()
        self._manners = manners
        self._doors: dict[int, socket.socket] = {}
        self._open: dict[int, socket.socket] = {}
        self._poll = select.epoll()

    def listen(self, address: str, ports: Sequence[int]) -> None:
        """Listen; the handshakes of those who come before ``serve`` wait in the queue."""
        for door in listen(address, ports, self._manners.backlog):
            self._doors[door.fileno()] = door
            self._poll.register(door, select.EPOLLIN)

    def serve(self) -> None:
        """Serve until this process ends."""
        while True:
            for number, _ in self._poll.poll():
                if number in self._doors:
                    self._accept(self._doors[number])
                else:
                    self._answer(number)

    def _accept(self, door: socket.socket) -> None:
        rate = self._manners.accepts_per_s
        for _ in range(1 if rate else _BATCH):
            try:
                came = door.accept()[0]
            except OSError:  # none left, or it was reset in the queue, or there is no file for it
                return
            came.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            self._open[came.fileno()] = came
            self._poll.register(came, select.EPOLLIN)
            self._answer(came.fileno())
            if rate:
                time.sleep(1 / rate)  # busy with it

    def _answer(self, number: int) -> None:
        sock = self._open[number]
        try:
            request = sock.recv(len(KEEP))
            if request:
                sock.send(OK)
        except BlockingIOError:
            return
        except OSError:  # the peer has reset it
            self._close(number)
            return
        if not request and self._manners.leaks:
            self._poll.unregister(number)
        elif not request or (request == LAST and self._manners.closes):
            self._close(number)

    def _close(self, number: int) -> None:
        self._open.pop(number).close()
