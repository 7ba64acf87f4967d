"""The two queues of each listener: handshakes half done, and connections that wait for accept()."""

from collections.abc import Iterable

from msgspec import Struct

from lastack.model.address import unmapped
from lastack.model.census import endpoint
from lastack.model.sample import Cohort, Listener
from lastack.model.totals import grouped, total

__all__ = ["AcceptQueue", "SynQueue", "accept_queues", "syn_queues"]


class AcceptQueue(Struct, frozen=True, kw_only=True):
    """One listening socket.

    Attributes:
        address: what it is bound to.
        port: its port.
        process: ``name/pid``; None: not visible.
        queue: connections that wait for accept(); None: not visible.
        backlog: what listen() asked for, cut to somaxconn; None: not visible.
    """

    address: str
    port: int
    process: str | None
    queue: int | None
    backlog: int | None

    @property
    def label(self) -> str:
        """``address:port``."""
        return endpoint(self.address, self.port)

    @property
    def capacity(self) -> int | None:
        """Connections that fit: one more than the backlog (sk_acceptq_is_full, include/net/sock.h)."""
        return None if self.backlog is None else self.backlog + 1

    @property
    def fill(self) -> float | None:
        """Queue over capacity, 1.0 when full; None where either is not visible."""
        return None if self.queue is None or self.backlog is None else self.queue / (self.backlog + 1)


class SynQueue(Struct, frozen=True, kw_only=True):
    """The half-open requests to one address and port.

    Attributes:
        address: what the listener is bound to.
        port: its port.
        process: ``name/pid`` of the first of its sockets; None: not visible.
        sockets: listening sockets that share address and port (SO_REUSEPORT); each has a queue of its own.
        half_open: requests in SYN_RECV, in all queues together.
        backlog: the limit of each queue (the accept queue's, since Linux 4.4); the smallest of them; None: not
            visible.
    """

    address: str
    port: int
    process: str | None
    sockets: int
    half_open: int
    backlog: int | None

    @property
    def label(self) -> str:
        """``address:port``."""
        return endpoint(self.address, self.port)


def accept_queues(listeners: Iterable[Listener]) -> list[AcceptQueue]:
    """The accept queues, the fullest first."""
    queues = [
        AcceptQueue(
            address=one.address,
            port=one.port,
            process=one.process,
            queue=one.queue,
            backlog=one.backlog,
        )
        for one in listeners
    ]
    return sorted(queues, key=lambda queue: (-(queue.fill or 0.0), -(queue.queue or 0), queue.port, queue.address))


def syn_queues(cohorts: Iterable[Cohort], queues: Iterable[AcceptQueue]) -> list[SynQueue]:
    """The SYN queues, the longest first. Requests whose listener is gone are left out."""
    sharing: dict[tuple[str, int], list[AcceptQueue]] = {}
    for queue in queues:
        sharing.setdefault((queue.address, queue.port), []).append(queue)
    requests = grouped(
        (cohort for cohort in cohorts if cohort.state == "SYN_RECV"), lambda cohort: _listener(cohort, sharing)
    )
    found = [_syn_queue(sockets, total(requests.get(key, ()))) for key, sockets in sharing.items()]
    return sorted(found, key=lambda queue: (-queue.half_open, queue.port, queue.address))


def _listener(request: Cohort, sharing: dict[tuple[str, int], list[AcceptQueue]]) -> tuple[str, int] | None:
    """Which listener got a request: one bound to the very address, else to any of its family, else to any."""
    if request.local is None or request.local_port is None:
        return None
    local = unmapped(request.local)
    wildcards = ("::", "*") if ":" in local else ("0.0.0.0", "*", "::")  # noqa: S104 - the name of the wildcard; nothing is bound here
    return next(
        (key for address in (local, request.local, *wildcards) if (key := (address, request.local_port)) in sharing),
        None,
    )


def _syn_queue(sockets: list[AcceptQueue], half_open: int) -> SynQueue:
    first = sockets[0]
    backlogs = [one.backlog for one in sockets if one.backlog is not None]
    return SynQueue(
        address=first.address,
        port=first.port,
        process=first.process,
        sockets=len(sockets),
        half_open=half_open,
        backlog=min(backlogs, default=None),
    )
