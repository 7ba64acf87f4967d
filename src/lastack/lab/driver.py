"""The process behind a load. It has both ends of its connections, so it decides who closes first.

A socket stays in the namespace that it was made in, for accept() too: the driver makes its listener at one end, and
then lives at the other, where it opens.
"""

import errno
import os
import resource
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from typing import NamedTuple

from lastack.lab.load import Load, Report
from lastack.lab.syscalls import NET, setns

__all__ = ["Driver"]

_BACKLOG = 4096
_IP_BIND_ADDRESS_NO_PORT = 24  # include/uapi/linux/in.h, since Linux 4.2; Python names it from 3.12 on
_ONE_SECOND = struct.pack("@ll", 1, 0)  # struct timeval
_TIMED_OUT = {errno.EINPROGRESS, errno.EAGAIN}  # what the two timeouts make of connect() and accept(), socket(7)
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}


class Driver:
    """Drives one process's share of a load.

    Args:
        client: open file of the client's network namespace; the server's is the one that we are in.
    """

    def __init__(self, client: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self._namespaces = {"server": os.open("/proc/thread-self/ns/net", os.O_RDONLY), "client": client}

    def drive(self, load: Load, target: str, sources: Sequence[str]) -> Report:
        """Drive it from the addresses ``sources`` to ``target``; ``load.rate`` is this process's share."""
        run = _Run(load, (target, load.port), sources)
        if not load.finish:
            with self._living_at("client"):
                return run.send_syns()
        with self._living_at("server" if load.opener == "client" else "client"):
            door = _listen(_FAMILY[load.family], (target, load.port))
        with door, self._living_at(load.opener):
            return run.connect(door)

    @contextmanager
    def _living_at(self, end: str) -> Iterator[None]:
        setns(self._namespaces[end], NET)
        try:
            yield
        finally:
            setns(self._namespaces["server"], NET)


def _listen(family: int, address: tuple[str, int]) -> socket.socket:
    """Listen, beside a listener on any address: of the two, the kernel finds the one bound to an address first."""
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _ONE_SECOND)
    door.bind(address)
    door.listen(_BACKLOG)
    return door


class _Pair(NamedTuple):
    """An open connection, its ends in the order of their closing."""

    due: float
    first: socket.socket
    second: socket.socket


class _Run:
    """One run: its clock, what is open, and what came of it."""

    def __init__(self, load: Load, target: tuple[str, int], sources: Sequence[str]) -> None:
        self._load = load
        self._target = target
        self._sources = cycle(sources)
        self._open: deque[_Pair] = deque()
        self._opened = 0
        self._failed: Counter[str] = Counter()

    def connect(self, door: socket.socket) -> Report:
        """Open, hold and close connections; ``door`` hears them."""
        start = due = time.monotonic()
        end = start + self._load.seconds
        gap = 1 / self._load.rate if self._load.rate else 0.0
        while (now := time.monotonic()) < end:
            self._close_until(now)
            if len(self._open) >= self._load.concurrency:
                _sleep(now, end, self._open[0].due)
            elif now < due:
                _sleep(now, end, due, *(pair.due for pair in islice(self._open, 1)))
            else:
                due += gap
                try:
                    self._open_one(door, now + self._load.hold_s)
                except OSError as error:
                    self._count(error)
        self._close_until(float("inf"))
        return Report(self._opened, dict(self._failed), time.monotonic() - start)

    def send_syns(self) -> Report:
        """Send SYNs whose answers are lost, and forget them: a socket closed in SYN_SENT sends nothing more."""
        start = due = time.monotonic()
        end = start + self._load.seconds
        gap = 1 / self._load.rate if self._load.rate else 0.0
        while (now := time.monotonic()) < end:
            if now < due:
                _sleep(now, end, due)
                continue
            due += gap
            try:
                self._send_syn()
            except OSError as error:
                self._count(error)
        return Report(self._opened, dict(self._failed), time.monotonic() - start)

    def _opener(self) -> socket.socket:
        """A socket bound to the next source address, its port left to connect()."""
        opener = socket.socket(_FAMILY[self._load.family], socket.SOCK_STREAM)
        opener.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        opener.bind((next(self._sources), 0))
        return opener

    def _open_one(self, door: socket.socket, due: float) -> None:
        opener = self._opener()
        try:
            opener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _ONE_SECOND)
            opener.connect(self._target)
            accepted = door.accept()[0]
        except OSError:
            opener.close()
            raise
        self._opened += 1
        closes_first = self._load.closer == self._load.opener
        self._open.append(_Pair(due, opener, accepted) if closes_first else _Pair(due, accepted, opener))

    def _close_until(self, now: float) -> None:
        while self._open and self._open[0].due <= now:
            _, first, second = self._open.popleft()
            first.close()
            second.close()

    def _send_syn(self) -> None:
        with self._opener() as opener:
            opener.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            with suppress(BlockingIOError):
                opener.connect(self._target)
        self._opened += 1

    def _count(self, error: OSError) -> None:
        number = errno.ETIMEDOUT if error.errno in _TIMED_OUT else error.errno or 0
        self._failed[errno.errorcode.get(number, str(number))] += 1


def _sleep(now: float, *moments: float) -> None:
    """Until the first of the moments."""
    time.sleep(max(0.0, min(moments) - now))
