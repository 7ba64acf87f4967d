"""A snapshot's population as cohorts of the lab.

In a private namespace every address is free, so the server takes the addresses that the snapshot's host had, and the
client those of all its peers. What cannot be so is changed or left out, and said.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from lastack.doctor.wording import counted
from lastack.lab.addresses import ANY, is_loopback, is_mapped, is_portable, plain
from lastack.lab.cohorts import BACKLOG, RECIPES, Cohort, Kind, with_listeners
from lastack.lab.links import Link
from lastack.model.sample import Cohort as SampledCohort
from lastack.model.sample import Listener, Sample

__all__ = ["Rebuilding", "rebuild"]

_UNBOUND = frozenset({"*", *ANY.values()})
_DEFAULT_PORT = 80
_MADE = frozenset(recipe.state for recipe in RECIPES)
_MADE_AS_ORPHAN = frozenset(recipe.state for recipe in RECIPES if recipe.kind == "orphan")


class _Change(NamedTuple):
    """What may have to change: of what, and how; what comes before the two is how many."""

    noun: str
    how: str


_MOVED = _Change(
    "socket",
    "with an end on a loopback, link-local or unknown address, or with both ends on this host, moved to addresses of"
    " the lab",
)
_NO_PORTS = _Change("socket", f"with ports that the snapshot does not tell, put on port {_DEFAULT_PORT}")
_NOT_MADE = _Change("socket", "left out, in a state that the lab does not make")
_ANYWHERE = _Change("listener", "on a link-local or unknown address, put on every address")
_ADDED = _Change("listener", "added, without which there is no SYN_RECV and no accept queue")
_BOUND = _Change("port", "left out, bound without a connection")
_OWN = "processes, users, cgroups, settings and the times of closes are the lab's own"


class Rebuilding(NamedTuple):
    """What the lab makes of a snapshot.

    Attributes:
        cohorts: for ``Lab.populate``.
        changes: what is not as it was, and why; a sentence each.
    """

    cohorts: list[Cohort]
    changes: list[str]


def rebuild(sample: Sample, link: Link) -> Rebuilding:
    """Cohorts with the states, listeners and destinations of a snapshot, for the two ends of a link."""
    work = _Rebuilder(sample, link)
    asked = [*work.listeners(), *work.connections()]
    cohorts = with_listeners(asked)
    work.changes[_ADDED] += len(cohorts) - sum(cohort.count > 0 for cohort in asked)
    work.changes[_BOUND] += len(sample.bound_ports or [])
    return Rebuilding(
        cohorts, [*(f"{counted(count, change.noun)} {change.how}" for change, count in (+work.changes).items()), _OWN]
    )


class _Rebuilder:
    """One pass over a sample; ``changes`` counts what it met."""

    def __init__(self, sample: Sample, link: Link) -> None:
        self._sample = sample
        self._lab_client = {link.client(family) for family in (4, 6)}
        self._server = {link.server(family) for family in (4, 6)}
        self._server |= {plain(cohort.local) for cohort in sample.cohorts if cohort.local}
        self._queued = [listener.queue or 0 for listener in sample.listeners]
        self.changes: Counter[_Change] = Counter()

    def listeners(self) -> Iterator[Cohort]:
        """A LISTEN each, with its backlog."""
        ipv4 = {listener.port for listener in self._sample.listeners if listener.family == 4}
        for listener in self._sample.listeners:
            local = "" if listener.address in _UNBOUND else listener.address
            if local and not is_loopback(local) and not self._fits_server(local):
                self.changes[_ANYWHERE] += 1
                local = ""
            yield Cohort(
                "LISTEN",
                1,
                listener.family,
                port=listener.port,
                local=local,
                backlog=BACKLOG if listener.backlog is None else listener.backlog,
                takes_ipv4=is_mapped(local) or (listener.family == 6 and not local and listener.port not in ipv4),
            )

    def connections(self) -> Iterator[Cohort]:
        """A cohort each; those in accept queues apart."""
        for sampled in self._sample.cohorts:
            if sampled.state not in _MADE or sampled.state == "LISTEN":
                self.changes[_NOT_MADE] += sampled.count
                continue
            cohort = self._connection(sampled)
            queued = self._take_queued(sampled)
            yield replace(cohort, count=queued, kind="queued" if queued else cohort.kind)
            yield replace(cohort, count=cohort.count - queued)

    def _connection(self, sampled: SampledCohort) -> Cohort:
        local, remote = self._ends(sampled)
        active = sampled.remote_port is not None and sampled.state != "SYN_RECV"
        port = sampled.remote_port if active else sampled.local_port
        if port is None:
            self.changes[_NO_PORTS] += sampled.count
        closed: Kind = "orphan" if sampled.orphan else "held"
        return Cohort(
            sampled.state,
            sampled.count,
            sampled.family,
            kind=closed if sampled.state in _MADE_AS_ORPHAN else "",
            port=port or _DEFAULT_PORT,
            active=active,
            local=local,
            remote=remote,
        )

    def _ends(self, sampled: SampledCohort) -> tuple[str, str]:
        """The addresses of both ends, "" where the lab is to choose one."""
        local, remote = sampled.local or "", sampled.remote or ""
        ends = (local if self._fits_server(local) else "", remote if self._fits_client(remote) else "")
        if ends != (local, remote) or not (local and remote):
            self.changes[_MOVED] += sampled.count
        # The lab chooses no mapped address: where it must choose one end, it chooses both.
        return ("", "") if "" in ends and any(map(is_mapped, ends)) else ends

    def _take_queued(self, sampled: SampledCohort) -> int:
        """How many of these sockets wait in a listener's accept queue."""
        if sampled.state != "ESTABLISHED" or sampled.process or sampled.local_port is None:
            return 0
        taken = 0
        for at, listener in enumerate(self._sample.listeners):
            if _hears(listener, sampled):
                now = min(self._queued[at], sampled.count - taken)
                self._queued[at] -= now
                taken += now
        return taken

    def _fits_server(self, address: str) -> bool:
        return is_portable(address) and plain(address) not in self._lab_client

    def _fits_client(self, address: str) -> bool:
        return is_portable(address) and plain(address) not in self._server


def _hears(listener: Listener, sampled: SampledCohort) -> bool:
    same_port = listener.port == sampled.local_port and listener.family == sampled.family
    return same_port and (listener.address in _UNBOUND or listener.address == sampled.local)
