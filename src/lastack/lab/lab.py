"""A lab: a server, its clients, the links between them, and the sockets that were asked for."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from lastack.errors import UsageError
from lastack.lab import cuts
from lastack.lab.cohorts import Cohort, room_for, with_listeners
from lastack.lab.crew import Crew
from lastack.lab.keeper import Keeper
from lastack.lab.line import Line
from lastack.lab.links import MAX_CLIENTS, Link
from lastack.lab.load import Load
from lastack.lab.namespace import Namespace
from lastack.lab.route import Route, load_pyroute2
from lastack.lab.traffic import Running, start
from lastack.lab.verify import expected, verify
from lastack.lab.worker import Worker

__all__ = ["Lab"]

# A late ACK that meets a TIME_WAIT is answered, and the answer by a RST of the client's, whose socket is gone: without
# this the RST ends the TIME_WAIT (RFC 1337; tcp_timewait_state_process, net/ipv4/tcp_minisocks.c).
_NO_ASSASSINATION = {"net.ipv4.tcp_rfc1337": 1}
# As many retransmissions as a byte can count: closed sockets, and those still held.
_PATIENCE = {"net.ipv4.tcp_orphan_retries": 255, "net.ipv4.tcp_retries2": 255}


class Lab:
    """Network namespaces of one's own on the running kernel; a context manager.

    The lab dies with the thread that opened it, whatever ends that. Nothing of it has a name on the host.

    Args:
        clients: client namespaces, 1 to 32, each linked to the server's.

    Attributes:
        server: the namespace whose census is made.
        clients: the others.
        links: the link to each client: its addresses.

    Raises:
        UsageError: ``too-many-clients``.
        RefusedError: ``lab-limit``, ``no-namespace``, ``no-pyroute2``, ``no-veth``.
    """

    def __init__(self, clients: int = 1) -> None:
        if not 1 <= clients <= MAX_CLIENTS:
            raise UsageError("too-many-clients", f"a lab has 1 to {MAX_CLIENTS} clients, not {clients}")
        load_pyroute2()  # once, and every process of the lab has it
        names = ["server", *(f"client{number}" for number in range(1, clients + 1))]
        self._keeper = Keeper(names)
        self.server, *self.clients = (Namespace(name, self._keeper.pids[name], self._keeper.kinds) for name in names)
        self.links = [Link(number) for number in range(1, clients + 1)]
        self._made: list[Cohort] = []
        self._lines: list[Line] = []
        try:
            for ends in zip(self.clients, self.links, strict=True):
                self._lines.append(Line(self.server, *ends))
        except BaseException:
            self.close()
            raise
        self._crews = [Crew(line) for line in self._lines]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def client(self) -> Namespace:
        """The first client."""
        return self.clients[0]

    def populate(
        self, cohorts: Iterable[Cohort], client: int = 0, progress: Callable[[int], None] = lambda _: None
    ) -> None:
        """Make cohorts between the server and a client, and see in the kernel that they are there, and no others.

        SYN_RECV and queued cohorts get a listener where they have none. What another call made stays. Sysctls of the
        server that leave no room are raised: tcp_max_tw_buckets, tcp_max_syn_backlog, somaxconn.

        Args:
            cohorts: what to make.
            client: which of the clients has the other ends.
            progress: told each time that so many sockets more are made.

        Raises:
            RefusedError: ``census-differs``, ``cohort-refused``, ``lab-limit``, ``no-more-addresses``,
                ``no-more-ports``.
        """
        wanted = with_listeners(cohorts, self._made)
        self.server.raise_to(room_for([*self._made, *wanted]))
        with self.server.while_set(_NO_ASSASSINATION):
            self._crews[client].make(wanted, progress)
            self._made += wanted
            verify(self.server, expected(self._made))

    def start(self, load: Load, client: int = 0) -> Running:
        """Drive a load between the server and a client, while the caller looks on.

        Raises:
            RefusedError: ``no-more-addresses``.
        """
        return start(self._lines[client], load)

    def addresses(self, count: int, client: int = 0, family: int = 4) -> list[str]:
        """So many further addresses of a client, for programs of the caller's own.

        Raises:
            RefusedError: ``no-more-addresses``.
        """
        line = self._lines[client]
        own = [line.own_address(family) for _ in range(count)]
        line.give(at_client=own)
        return own

    def worker(self, make: Callable[[int], object]) -> Worker:
        """A process at the server's end; ``make`` gets an open file of the first client's network namespace."""
        return self._lines[0].worker(make)

    def sustain(self) -> None:
        """Let TIME_WAIT sockets begin their minute anew, and no segment of the server's be given up.

        Called at least once a minute, it keeps every cohort but orphans in FIN_WAIT2, which last tcp_fin_timeout. It
        raises sysctls of the server for good: tcp_rfc1337, tcp_orphan_retries, tcp_retries2.
        """
        self.server.raise_to(_PATIENCE | _NO_ASSASSINATION)
        for crew in self._crews:
            crew.refresh()

    def cut(self, sender: Namespace, address: str) -> None:
        """Lose what ``sender`` sends to an address on one of its links, from now on."""
        sender.call(_with_route, cuts.cut, address)

    def mend(self, sender: Namespace, address: str) -> None:
        """Undo a cut."""
        sender.call(_with_route, cuts.mend, address)

    def close(self) -> None:
        """End every process of the lab; its namespaces and sockets go with them."""
        self._keeper.close()
        for line in self._lines:
            line.close()


def _with_route(action: Callable[[Route, str], None], address: str) -> None:
    with Route() as route:
        action(route, address)
