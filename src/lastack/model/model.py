"""Model: what follows from a Sample, and from an earlier one. The only thing that rules and surfaces look at.

A pure function of its two samples, so a live host, a saved snapshot and a recording take the same road.
"""

from typing import Self

from msgspec import Struct

from lastack.model.change import Change, change, obstacle
from lastack.model.destinations import Destination, destinations, folded
from lastack.model.holders import Holder, held
from lastack.model.listeners import AcceptQueue, SynQueue, accept_queues, syn_queues
from lastack.model.machine import FileUse, Machine, file_use, machine
from lastack.model.peer_closes import PeerCloses, peer_closes
from lastack.model.ports import PortPool, pool
from lastack.model.sample import Conntrack, Promise, Sample
from lastack.model.stuck import CLOSING, OPEN, Stuck, stuck
from lastack.model.sysctl import integer, port_range, port_ranges
from lastack.model.time_wait import TimeWait, time_wait
from lastack.model.totals import by_size, by_state

__all__ = ["Model"]


class Model(Struct, frozen=True, kw_only=True):
    """A host's TCP at one moment, in one network namespace.

    Attributes:
        taken_at: RFC 3339, UTC.
        host: the host's name.
        kernel: release.
        netns: the namespace, by name if it was asked for by name.
        source: ``sock_diag`` or ``proc``.
        exact: False where the dump was interrupted more often than it was repeated.
        states: sockets per state, most first.
        time_wait: the TIME_WAIT sockets.
        ports: what connect() may choose from; None: the port range is not visible.
        destinations: connections opened here, by destination, the fullest first.
        opened_ports: distinct local ports of all of them; None: not counted.
        peer_closes: connections opened here that the other end closes first.
        folded: sockets opened here whose destination the sample does not tell.
        close_wait: who holds CLOSE_WAIT, most first.
        fin_wait2: who holds FIN_WAIT2 after a shutdown(), most first.
        closing: connections whose FIN the peer must acknowledge.
        open: connections that may send still.
        has_timers: whether it is visible which connections get no answer.
        accept_queues: by listening socket, the fullest first.
        syn_queues: by address and port listened on, the longest first.
        settings: sysctl name to value as the kernel prints it.
        counters: as the sample has them, cumulative since the namespace began.
        sockstat: as the sample has it.
        conntrack: as the sample has it.
        machine: what all its namespaces share.
        kept_alive: sockets whose keepalive timer runs; None: not visible.
        files: open files of the processes that hold most sockets here, the fullest first; None: not visible.
        promises: what the sysctl files set; None: not read.
        change: what changed since the earlier sample; None: there is none that compares.
        no_change: why ``change`` is None; empty otherwise.
        unseen: what could not be read, to the reason.
    """

    taken_at: str
    host: str
    kernel: str
    netns: str
    source: str
    exact: bool
    states: dict[str, int]
    time_wait: TimeWait
    ports: PortPool | None
    destinations: list[Destination]
    opened_ports: int | None
    peer_closes: PeerCloses
    folded: int
    close_wait: list[Holder]
    fin_wait2: list[Holder]
    closing: Stuck
    open: Stuck
    has_timers: bool
    accept_queues: list[AcceptQueue]
    syn_queues: list[SynQueue]
    settings: dict[str, str]
    counters: dict[str, dict[str, int]]
    sockstat: dict[str, dict[str, int]]
    conntrack: Conntrack | None
    machine: Machine
    kept_alive: int | None
    files: list[FileUse] | None
    promises: list[Promise] | None
    change: Change | None
    no_change: str
    unseen: dict[str, str]

    @classmethod
    def of(cls, sample: Sample, previous: Sample | None = None) -> Self:
        """The model of a sample; with an earlier one of the same boot and namespace, rates and growth too.

        Raises:
            InputError: ``malformed-setting`` or ``malformed-sample``: a value that no kernel has.
        """
        no_change = obstacle(sample, previous)
        since = None if previous is None or no_change else change(sample, previous)
        earlier = None if previous is None or no_change else previous
        before = None if earlier is None else earlier.cohorts
        ports = _ports(sample)
        queues = accept_queues(sample.listeners, None if earlier is None else earlier.listeners)
        return cls(
            taken_at=sample.taken_at,
            host=sample.host,
            kernel=sample.kernel,
            netns=sample.netns_name or sample.netns,
            source=sample.source,
            exact=sample.exact,
            states=_states(sample),
            time_wait=time_wait(sample.cohorts, sockstat=sample.sockstat, settings=sample.settings),
            ports=ports,
            destinations=destinations(
                sample.cohorts,
                before,
                0.0 if since is None else since.interval_s,
                ports=ports,
                settings=sample.settings,
            ),
            opened_ports=sample.opened_ports,
            peer_closes=peer_closes(sample.cohorts, before, since, no_change),
            folded=folded(sample.cohorts),
            close_wait=held("CLOSE_WAIT", sample.cohorts, before, sample.silences),
            fin_wait2=held("FIN_WAIT2", sample.cohorts, before, sample.silences),
            closing=stuck(CLOSING, sample.cohorts, before),
            open=stuck(OPEN, sample.cohorts, before),
            has_timers=sample.has_timers,
            accept_queues=queues,
            syn_queues=syn_queues(sample.cohorts, queues),
            settings=sample.settings,
            counters=sample.counters,
            sockstat=sample.sockstat,
            conntrack=sample.conntrack,
            machine=machine(sample),
            kept_alive=sum(cohort.kept_alive for cohort in sample.cohorts) if sample.has_timers else None,
            files=file_use(
                sample.files, None if earlier is None else earlier.files, 0.0 if since is None else since.interval_s
            ),
            promises=sample.promises,
            change=since,
            no_change=no_change,
            unseen=sample.unseen,
        )

    @property
    def total(self) -> int:
        """Sockets in all states."""
        return sum(self.states.values())

    def setting(self, name: str) -> int | None:
        """A setting that holds one whole number; None where it is not visible.

        Raises:
            InputError: ``malformed-setting``.
        """
        return integer(self.settings, name)

    def delta(self, counter: str) -> int | None:
        """How far a counter (``TcpExt.ListenOverflows``) went since the earlier sample; None where that is unknown."""
        return None if self.change is None else self.change.counters.get(counter)


def _states(sample: Sample) -> dict[str, int]:
    listening = {"LISTEN": len(sample.listeners)} if sample.listeners else {}
    return by_size(by_state(sample.cohorts) | listening)


def _ports(sample: Sample) -> PortPool | None:
    span = port_range(sample.settings)
    if span is None:
        return None
    bound = [listener.port for listener in sample.listeners] + (sample.bound_ports or [])
    return pool(span, port_ranges(sample.settings), bound, bound_complete=sample.bound_ports is not None)
