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
        lost: SYNs and connections lost at this socket since the earlier sample; None without one, or not visible.
    """

    address: str
    port: int
    process: str | None
    queue: int | None
    backlog: int | None
    lost: int | None = None

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
        unanswered: of them, those whose SYN-ACK has been sent again.
        sources: addresses that they come from, at least.
        backlog: the limit of each queue (the accept queue's, since Linux 4.4); the smallest of them; None: not
            visible.
    """

    address: str
    port: int
    process: str | None
    sockets: int
    half_open: int
    unanswered: int
    sources: int
    backlog: int | None

    @property
    def label(self) -> str:
        """``address:port``."""
        return endpoint(self.address, self.port)


def accept_queues(listeners: Iterable[Listener], previous: Iterable[Listener] | None = None) -> list[AcceptQueue]:
    """The accept queues, the fullest first. ``previous``: the listeners of an earlier sample that compares, or None."""
    before = _drops(previous or ())
    queues = [
        AcceptQueue(
            address=one.address,
            port=one.port,
            process=one.process,
            queue=one.queue,
            backlog=one.backlog,
            lost=_lost(one, before.get(_identity(one))),
        )
        for one in listeners
    ]
    return sorted(queues, key=lambda queue: (-(queue.fill or 0.0), -(queue.queue or 0), queue.port, queue.address))


def _identity(listener: Listener) -> tuple[int, str, int, str | None]:
    return listener.family, listener.address, listener.port, listener.process


def _drops(listeners: Iterable[Listener]) -> dict[tuple[int, str, int, str | None], int | None]:
    """What each had lost; None where several sockets of one process share an address and port."""
    found: dict[tuple[int, str, int, str | None], int | None] = {}
    for one in listeners:
        found[_identity(one)] = None if _identity(one) in found else one.drops
    return found


def _lost(listener: Listener, before: int | None) -> int | None:
    """None too where it lost less than before: then it is another socket."""
    if listener.drops is None or before is None or listener.drops < before:
        return None
    return listener.drops - before


def syn_queues(cohorts: Iterable[Cohort], queues: Iterable[AcceptQueue]) -> list[SynQueue]:
    """The SYN queues, the longest first. Requests whose listener is gone are left out."""
    sharing: dict[tuple[str, int], list[AcceptQueue]] = {}
    for queue in queues:
        sharing.setdefault((queue.address, queue.port), []).append(queue)
    requests = grouped(
        (cohort for cohort in cohorts if cohort.state == "SYN_RECV"), lambda cohort: _listener(cohort, sharing)
    )
    found = [_syn_queue(sockets, requests.get(key, [])) for key, sockets in sharing.items()]
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


def _syn_queue(sockets: list[AcceptQueue], requests: list[Cohort]) -> SynQueue:
    first = sockets[0]
    backlogs = [one.backlog for one in sockets if one.backlog is not None]
    return SynQueue(
        address=first.address,
        port=first.port,
        process=first.process,
        sockets=len(sockets),
        half_open=total(requests),
        unanswered=sum(cohort.retried for cohort in requests),
        sources=len({cohort.remote for cohort in requests}),
        backlog=min(backlogs, default=None),
    )
