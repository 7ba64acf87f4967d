"""One end of a stage: a network namespace, what is set in it, its sockets and its counters."""

import errno
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from lastack.kernel.counters import read_counters
from lastack.kernel.sockstat import read_sockstat
from lastack.lab.claims.claim import NotTestableError
from lastack.lab.claims.sockets import Row, rows
from lastack.lab.claims.wait import seconds_until
from lastack.lab.cuts import cut, mend
from lastack.lab.route import Route
from lastack.lab.syscalls import NET, setns

__all__ = ["Attempt", "Count", "End", "Option", "errno_name"]

Option = tuple[int, int, int | bytes]  # of setsockopt(2): level, name, value
_FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_PATIENCE_S = 5.0


class Attempt(NamedTuple):
    """What came of a connect().

    Attributes:
        result: ``ok``, the name of an errno, or ``no answer`` in the time that it was given.
        socket: whose it was; connected if ``ok``.
        seconds: that it took.
    """

    result: str
    socket: socket.socket
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it is connected."""
        return self.result == "ok"


class Count:
    """Counters of a namespace since a moment; ``count["TW"]`` is by how much one has risen until now."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read
        self._first = read()

    def __getitem__(self, name: str) -> int:
        now = self._read()
        if name not in now:
            raise NotTestableError(f"this kernel has no counter {name}")
        return now[name] - self._first[name]


class End:
    """A namespace of the stage.

    Args:
        namespace: open file of it.
        address: of its end of the link.
        loopback: of the family.
        planted: settings that are always this, whatever an experiment sets: falsehoods, for tests.
    """

    def __init__(self, namespace: int, address: str, loopback: str, planted: Mapping[str, object]) -> None:
        self.address = address
        self.loopback = loopback
        self.family = _FAMILY[6 if ":" in address else 4]
        self._namespace = namespace
        self._planted = planted
        self._kept: list[socket.socket] = []
        for key, value in planted.items():
            self.write(key, value)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Live here for a while: sockets stay in the namespace that they are made in."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        setns(self._namespace, NET)
        try:
            yield
        finally:
            setns(before, NET)
            os.close(before)

    def write(self, key: str, value: object) -> str:
        """Write a setting; ``ok``, or the name of the errno that the kernel refuses it with."""
        try:
            with self.inside():
                _file(key).write_text(str(self._planted.get(key, value)), "ascii")
        except OSError as error:
            return errno_name(error)
        return "ok"

    def set(self, settings: Mapping[str, object]) -> None:
        """Write settings that an experiment needs. Raises NotTestableError: this kernel does not take one."""
        for key, value in settings.items():
            result = self.write(key, value)
            if result != "ok":
                raise NotTestableError(f"the kernel answers {key} = {value} with {result}")

    def get(self, key: str) -> str:
        """A setting as it is. Raises NotTestableError: it is not here, or not to be read."""
        try:
            with self.inside():
                return " ".join(_file(key).read_text("ascii").split())
        except OSError as error:
            raise NotTestableError(f"{key} cannot be read in a private namespace: {errno_name(error)}") from None

    def has(self, key: str) -> bool:
        """Whether the namespace has the setting."""
        with self.inside():
            return _file(key).exists()

    def fresh(self, options: Sequence[Option] = ()) -> socket.socket:
        """A socket of this namespace; it stays open until it is closed by hand."""
        with self.inside():
            made = socket.socket(self.family, socket.SOCK_STREAM)
        self._kept.append(made)
        for option in options:
            made.setsockopt(*option)
        return made

    def listen(
        self, port: int = 80, backlog: int = 128, address: str | None = None, options: Sequence[Option] = ()
    ) -> socket.socket:
        """A listener whose accept() waits a few seconds at most."""
        door = self.fresh([(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1), *options])
        door.bind((self.address if address is None else address, port))
        door.listen(backlog)
        door.settimeout(_PATIENCE_S)
        return door

    def connect(
        self,
        target: tuple[str, int],
        *,
        source: tuple[str, int] | None = None,
        patience_s: float = _PATIENCE_S,
        options: Sequence[Option] = (),
    ) -> Attempt:
        """Try to connect; ``source``: bind to it first."""
        opener = self.fresh(options)
        opener.settimeout(patience_s)
        start = time.monotonic()
        try:
            if source is not None:
                opener.bind(source)
            opener.connect(target)
            result = "ok"
        except TimeoutError as error:
            result = errno_name(error) if error.errno else "no answer"
        except OSError as error:
            result = errno_name(error)
        return Attempt(result, opener, time.monotonic() - start)

    def keep(self, accepted: socket.socket) -> socket.socket:
        """See that a socket from elsewhere stays open too."""
        self._kept.append(accepted)
        accepted.settimeout(_PATIENCE_S)
        return accepted

    def close_kept(self, port: int) -> None:
        """Close what is open on a local port."""
        for held in [one for one in self._kept if one.fileno() >= 0 and one.getsockname()[1] == port]:
            held.close()

    def count(self) -> Count:
        """The namespace's counters from now on: those of TcpExt, IpExt and Tcp, by name."""
        return Count(self._counters)

    def _counters(self) -> dict[str, int]:
        with self.inside():
            tables = read_counters()
        return {name: value for table in tables.values() for name, value in table.items()}

    def sockstat(self, name: str) -> int:
        """A number of the TCP line of /proc/net/sockstat."""
        with self.inside():
            return read_sockstat()["TCP"][name]

    def rows(self, port: int | None = None) -> list[Row]:
        """The namespace's sockets, or those that have this port at either end."""
        with self.inside():
            found = rows()
        return [row for row in found if port is None or port in {row.local[1], row.remote[1]}]

    def states(self, port: int | None = None) -> Counter[str]:
        """How many of those are in each state."""
        return Counter(row.state for row in self.rows(port))

    def reaches(self, port: int, state: str, patience_s: float = 2) -> float | None:
        """Seconds until a socket on that port is in the state; None: it takes longer."""
        return seconds_until(lambda: self.states(port)[state], patience_s)

    def leaves(self, port: int, state: str, patience_s: float = 2) -> float | None:
        """Seconds until no socket on that port is in the state any more; None: it takes longer."""
        return seconds_until(lambda: not self.states(port)[state], patience_s)

    def cut(self, address: str) -> None:
        """Lose what is sent from here to an address, from now on."""
        self._with_route(cut, address)

    def mend(self, address: str) -> None:
        """Undo a cut."""
        self._with_route(mend, address)

    def _with_route(self, action: Callable[[Route, str], None], address: str) -> None:
        with self.inside(), Route() as route:
            action(route, address)


def errno_name(error: OSError) -> str:
    """``EADDRINUSE`` and the like."""
    return errno.errorcode.get(error.errno or 0, str(error))


def _file(key: str) -> Path:
    return Path("/proc/sys", key.replace(".", "/"))
