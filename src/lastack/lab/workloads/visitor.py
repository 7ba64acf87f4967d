"""The end that connects: it opens connections at a rate, makes requests on them, and says what came of it."""

import errno
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple

from lastack.lab.workloads.outcome import Outcome, percentiles
from lastack.lab.workloads.wire import ANSWER, FAILED, KEEP, LAST, errno_name, no_limit, reason

__all__ = ["Errand", "Visitor"]

_PORTS = range(32_768, 61_000)  # ip_local_port_range's default
_PENDING = frozenset({errno.EINPROGRESS, errno.EAGAIN, errno.ENOTCONN})
_LEAST_SLEEP_S, _LONGEST_SLEEP_S = 0.001, 0.05


class Errand(NamedTuple):
    """What a visitor does.

    Attributes:
        requests: how many, over all connections.
        rate: requests a second; None: as fast as it goes.
        seconds: for how long at most.
        concurrency: connections that are open at once, at most.
        per_connection: requests on each connection.
        closes: whether it closes first, after the last answer; otherwise when the peer has closed.
        keeps: whether it never closes what its peer has closed.
        close_delay_s: how long it takes to close after its peer has.
        patience_s: for a handshake or an answer, before it counts as ETIMEDOUT.
    """

    requests: int
    rate: float | None
    seconds: float
    concurrency: int = 256
    per_connection: int = 1
    closes: bool = False
    keeps: bool = False
    close_delay_s: float = 0.0
    patience_s: float = 1.0


class _Call:
    """A connection under way."""

    __slots__ = ("begun", "left", "open", "patient_until", "sock")

    def __init__(self, sock: socket.socket, begun: float, left: int) -> None:
        self.sock = sock
        self.begun = begun
        self.left = left  # requests still to be answered
        self.open = False  # whether the handshake is over
        self.patient_until = 0.0


class Visitor:
    """Visits from the namespace that it lives in."""

    def __init__(self) -> None:
        no_limit()
        self._poll = select.epoll()
        self._calls: dict[int, _Call] = {}
        self._kept: list[socket.socket] = []
        self._failed: Counter[str] = Counter()
        self._connect_us: list[float] = []
        self._answered = 0
        self._refunded = 0

    def visit(self, errand: Errand, targets: Sequence[tuple[str, int]], sources: Sequence[str] = ()) -> Outcome:
        """Do an errand.

        Args:
            errand: what to do.
            targets: address and port, taken in turn.
            sources: addresses to come from, taken in turn, a port after the other, so that none comes back soon; none:
                address and port are the kernel's choice.
        """
        self._errand = errand
        self._targets = cycle(targets)
        self._sources = cycle((source, port) for port in _PORTS for source in sources) if sources else None
        self._deadlines: deque[tuple[float, int, _Call]] = deque()
        self._leaving: deque[tuple[float, int]] = deque()
        start = self._last = time.monotonic()
        asked = self._drive(start)
        for number in list(self._calls):
            self._fail(number, "ETIMEDOUT")
        return Outcome(
            opened=len(self._connect_us),
            answered=self._answered,
            asked=asked,
            failed=dict(self._failed),
            connect_us=percentiles(self._connect_us),
            seconds=self._last - start,
            wanted_rate=errand.rate,
        )

    def _drive(self, start: float) -> int:
        """Open connections until enough requests were made, or time is up, and wait for what is still to come.

        Returns:
            How many requests were to be made.
        """
        errand = self._errand
        each = errand.per_connection
        gap = each / errand.rate if errand.rate else 0.0
        due, end, asked = start, start + errand.seconds, 0
        while True:
            now = time.monotonic()
            wanted = errand.requests - asked + self._refunded
            if wanted <= 0 or now >= end:
                if not self._calls or now >= self._last + 2 * errand.patience_s:
                    return asked - self._refunded
                self._turn(_LONGEST_SLEEP_S)
            elif now >= due and len(self._calls) < errand.concurrency:
                asked += min(each, wanted)
                due += gap
                self._last = now
                self._open(now, min(each, wanted))
                self._turn(0)
            else:
                self._turn(min(max(due - now, _LEAST_SLEEP_S), _LONGEST_SLEEP_S))

    def _turn(self, patience_s: float) -> None:
        for number, _ in self._poll.poll(max(patience_s, 0)):
            self._go_on(number)
        now = time.monotonic()
        while self._leaving and self._leaving[0][0] < now:
            self._close(self._leaving.popleft()[1])
        while self._deadlines and self._deadlines[0][0] < now:
            _, number, call = self._deadlines.popleft()
            if self._calls.get(number) is call and call.left and call.patient_until < now:
                self._fail(number, "ETIMEDOUT")

    def _open(self, now: float, count: int) -> None:
        target = next(self._targets)
        sock = socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        number = sock.fileno()
        call = self._calls[number] = _Call(sock, now, count)
        try:
            if self._sources:
                sock.bind(next(self._sources))
            result = sock.connect_ex(target)
        except OSError as error:
            result = error.errno or 0
        if result and result not in _PENDING:
            self._fail(number, errno.errorcode.get(result, str(result)))
            return
        self._poll.register(number, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
        self._wait_for(number, call, now)
        self._ask(number, call)

    def _wait_for(self, number: int, call: _Call, now: float) -> None:
        call.patient_until = now + self._errand.patience_s
        self._deadlines.append((call.patient_until, number, call))

    def _ask(self, number: int, call: _Call) -> None:
        """Send the next request; the first also tells that the handshake is over."""
        try:
            call.sock.send(LAST if call.left == 1 else KEEP)
        except OSError as error:
            if error.errno not in _PENDING:
                self._fail(number, errno_name(error))
            return
        if not call.open:
            call.open = True
            self._connect_us.append((time.monotonic() - call.begun) * 1e6)

    def _go_on(self, number: int) -> None:
        call = self._calls.get(number)
        if call is None:
            return
        if not call.open:
            self._ask(number, call)
            return
        try:
            while self._calls.get(number) is call:
                answer = call.sock.recv(ANSWER)
                self._take(number, call, answer)
                if not answer:
                    return
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(number, errno_name(error))

    def _take(self, number: int, call: _Call, answer: bytes) -> None:
        if not answer:
            if call.left:  # an answer was still due
                self._fail(number, "ECONNRESET")
            elif self._errand.keeps:
                self._kept.append(self._calls.pop(number).sock)
                self._poll.unregister(number)
            else:
                self._leave(number)
            return
        call.left -= 1
        self._last = time.monotonic()
        if answer.startswith(FAILED):
            self._failed[reason(answer)] += 1
        else:
            self._answered += 1
        if call.left:
            self._wait_for(number, call, self._last)
            self._ask(number, call)
        elif self._errand.closes:
            self._close(number)

    def _leave(self, number: int) -> None:
        """Close what the peer has closed, now or after a while."""
        if self._errand.close_delay_s:
            self._poll.unregister(number)
            self._leaving.append((time.monotonic() + self._errand.close_delay_s, number))
        else:
            self._close(number)

    def _fail(self, number: int, name: str) -> None:
        """Count the request that is under way as failed; those that were to follow it are made anew."""
        call = self._calls[number]
        if call.left:
            self._failed[name] += 1
            self._refunded += call.left - 1
        self._close(number)

    def _close(self, number: int) -> None:
        self._calls.pop(number).sock.close()
