"""The sockets of one worker: both ends of every connection, so that one program orders what they do.

A socket belongs to the network namespace that its process was in when it was made. The worker lives in the server's,
and steps over to the client's to make the other ends.
"""

import contextlib
import errno
import os
import resource
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.lab.addresses import is_mapped, plain
from lastack.lab.cohorts import Cohort, Step, recipe_of
from lastack.lab.cuts import cut
from lastack.lab.doors import listen_at, share_out
from lastack.lab.refresh import send_acks
from lastack.lab.route import Route
from lastack.lab.syscalls import NET, setns

__all__ = ["Part", "Population", "files_per_process"]

_OWN_FILES = 64
_DOOR_BACKLOG = 128
_BATCH = 64  # connections open at once where the recipe lets go of them
_PATIENCE = 127  # TCP_SYNCNT's maximum, MAX_TCP_SYNCNT in include/net/tcp.h: a SYN is repeated for hours
_FIVE_SECONDS = struct.pack("@ll", 5, 0)  # struct timeval
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_ANY_BACKLOG = (1 << 31) - 1  # as much as somaxconn allows


class Part(NamedTuple):
    """The share of a cohort that one worker makes.

    Attributes:
        cohort: with its addresses; its ``count`` is the part's.
        ports: for each socket the opener's port; for LISTEN the server's.
    """

    cohort: Cohort
    ports: Sequence[int]


class _Ends(NamedTuple):
    """The sockets of a part that are open."""

    servers: list[socket.socket]
    clients: list[socket.socket]


def files_per_process() -> int:
    """Sockets that one worker can hold: the hard limit of RLIMIT_NOFILE, less the worker's own files."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] - _OWN_FILES


class Population:
    """Makes and holds the sockets of its parts.

    Args:
        client: open file of the client's network namespace.
    """

    def __init__(self, client: int) -> None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self._server_namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._client_namespace = client
        self._parts: list[tuple[Part, _Ends]] = []
        self._waiting: list[tuple[Part, _Ends, tuple[Step, ...]]] = []
        self._door: socket.socket | None = None

    def open_door(self, part: Part, doors: int = 1) -> None:
        """Listen where the connections of a part will come in: one of so many doors there, each another worker's."""
        cohort = part.cohort
        target = cohort.remote if cohort.active else cohort.local
        with _named(part):
            (self._door,) = self._sockets(cohort.family, 1, in_server=not cohort.active)
            self._door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _FIVE_SECONDS)
            listen_at(self._door, (target, cohort.port), _DOOR_BACKLOG, takes_ipv4=is_mapped(target))
            if doors > 1:
                share_out(self._door, doors, 6 if ":" in plain(target) else 4)

    def prepare(self, part: Part) -> None:
        """Take a part as far as it goes before the first cut."""
        steps = recipe_of(part.cohort).steps
        if Step.OPEN in steps and not self._door:
            self.open_door(part)
        try:
            self._prepare(part, steps)
        finally:
            if self._door:
                self._door.close()
                self._door = None

    def _prepare(self, part: Part, steps: tuple[Step, ...]) -> None:
        ends = _Ends([], [])
        self._parts.append((part, ends))
        if Step.CUT in steps:
            at = steps.index(Step.CUT)
            self._walk(part, ends, steps[:at])
            self._waiting.append((part, ends, steps[at + 1 :]))
            return
        for first in range(0, len(part.ports), _BATCH):
            batch = _Ends([], [])
            self._walk(part._replace(ports=part.ports[first : first + _BATCH]), batch, steps)
            ends.servers.extend(batch.servers)
            ends.clients.extend(batch.clients)

    def finish(self) -> None:
        """Cut, then take the prepared parts to their states; one client address may have several parts."""
        with Route() as route:
            for part, _, _ in self._waiting:
                cut(route, part.cohort.remote)
        for part, ends, steps in self._waiting:
            self._walk(part, ends, steps)
        self._waiting.clear()

    def settle(self) -> None:
        """Give listeners, which took all that came, their backlogs; what they have they keep."""
        for part, ends in self._parts:
            if part.cohort.state == "LISTEN":
                for listener in ends.servers:
                    listener.listen(part.cohort.backlog)

    def refresh(self) -> None:
        """Let each TIME_WAIT begin its minute anew; the server's namespace has tcp_rfc1337 set."""
        for (cohort, ports), _ in self._parts:
            if cohort.state == "TIME_WAIT":
                with self._in_client(), _raw_socket(cohort.remote) as raw:
                    pairs = [(cohort.port, port) if cohort.active else (port, cohort.port) for port in ports]
                    send_acks(raw, plain(cohort.local), pairs)

    def held(self) -> int:
        """How many sockets are open."""
        return sum(len(ends.servers) + len(ends.clients) for _, ends in self._parts)

    def _walk(self, part: Part, ends: _Ends, steps: Iterable[Step]) -> None:
        with _named(part):
            for step in steps:
                self._take(step, part, ends)

    def _take(self, step: Step, part: Part, ends: _Ends) -> None:
        match step:
            case Step.LISTEN:
                self._listen(part, ends.servers)
            case Step.OPEN:
                self._open(part, ends)
            case Step.SERVER_CONNECTS:
                self._send_syns(part, ends.servers, in_server=True)
            case Step.CLIENT_CONNECTS:
                self._send_syns(part, ends.clients, in_server=False)
            case Step.SERVER_SHUTS:
                for server in ends.servers:
                    server.shutdown(socket.SHUT_WR)
            case Step.SERVER_CLOSES:
                _close(ends.servers)
            case Step.CLIENT_CLOSES:
                _close(ends.clients)

    def _listen(self, part: Part, listeners: list[socket.socket]) -> None:
        cohort = part.cohort
        for port in part.ports:
            (listener,) = self._sockets(cohort.family, 1, in_server=True)
            listeners.append(listener)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, _PATIENCE)
            listen_at(listener, (cohort.local, port), _ANY_BACKLOG, takes_ipv4=cohort.takes_ipv4)

    def _open(self, part: Part, ends: _Ends) -> None:
        cohort = part.cohort
        source, target = (cohort.local, cohort.remote) if cohort.active else (cohort.remote, cohort.local)
        openers, accepted = ends if cohort.active else reversed(ends)
        assert self._door
        openers.extend(self._sockets(cohort.family, len(part.ports), in_server=cohort.active))
        for opener, port in zip(openers, part.ports, strict=True):
            opener.bind((source, port))
            opener.connect((target, cohort.port))
            accepted.append(self._door.accept()[0])

    def _send_syns(self, part: Part, openers: list[socket.socket], *, in_server: bool) -> None:
        cohort = part.cohort
        source, target = (cohort.local, cohort.remote) if in_server else (cohort.remote, cohort.local)
        openers.extend(self._sockets(cohort.family, len(part.ports), in_server=in_server))
        for opener, port in zip(openers, part.ports, strict=True):
            opener.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            opener.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, _PATIENCE)
            opener.bind((source, port))
            with contextlib.suppress(BlockingIOError):
                opener.connect((target, cohort.port))

    def _sockets(self, family: int, count: int, *, in_server: bool) -> list[socket.socket]:
        """New sockets of either namespace; those of the server may use a port for several remote addresses."""
        if in_server:
            made = [socket.socket(_FAMILY[family], socket.SOCK_STREAM) for _ in range(count)]
            for sock in made:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return made
        with self._in_client():
            return [socket.socket(_FAMILY[family], socket.SOCK_STREAM) for _ in range(count)]

    @contextlib.contextmanager
    def _in_client(self) -> Iterator[None]:
        setns(self._client_namespace, NET)
        try:
            yield
        finally:
            setns(self._server_namespace, NET)


def _raw_socket(address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in plain(address) else socket.AF_INET
    raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.bind((plain(address), 0))
    return raw


def _close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()
    sockets.clear()


@contextlib.contextmanager
def _named(part: Part) -> Iterator[None]:
    """Turn what the kernel refuses into an error that names the cohort."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}:
            hint = "raise RLIMIT_NOFILE's hard limit, fs.file-max or the container's memory, or ask for fewer sockets"
            raise RefusedError("lab-limit", f"no room for {part.cohort}: {error.strerror}", hint) from None
        if error.errno == errno.EAGAIN:  # accept() waited in vain
            hint = "make connections before a LISTEN on the same address, or in the same call"
            cause = "a listener that was there before took their connections"
            raise RefusedError("cohort-refused", f"the lab cannot make {part.cohort}: {cause}", hint) from None
        raise RefusedError("cohort-refused", f"the kernel refuses {part.cohort}: {error.strerror}") from None
