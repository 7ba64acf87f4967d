"""The doctor on Prometheus as a judge of a rollout's stage: what is worse on hosts that were changed, and only there.

It is put the same questions as by ``lastack fleet doctor``. Before a stage they are about a long time, so that a fault
that comes and goes is known; after it, about the time since the change.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from lastack.doctor.verdicts import SEVERITIES, Severity
from lastack.errors import InputError, LastackError
from lastack.fleet.names import host_of, matched
from lastack.fleet.prometheus import Prometheus
from lastack.fleet.queries import PRESENT, SCRAPES, Query, Scope
from lastack.fleet.report import Fault, Host
from lastack.fleet.rollout_state import HostState, Sick
from lastack.fleet.survey import Survey
from lastack.fleet.traits import FEW

__all__ = ["Judge", "Terms", "worse"]

_SCRAPES = 2  # since the change; rates take two
_POLL_S = 2.0
_SHOWN = 3  # names in an error


class Terms(NamedTuple):
    """What is asked, and how long is waited.

    Attributes:
        match: matchers without their braces.
        host_label: the label that has the inventory's names; None: ``instance`` without its port.
        range_s: how far back to look before a stage.
        settle_s: how long to wait for scrapes after one.
        most_series: how many series may be touched.
    """

    match: str
    host_label: str | None
    range_s: int
    settle_s: float
    most_series: int


class Judge:
    """Judges stage by stage.

    Args:
        prometheus: whom to ask.
        terms: about what.
        sleep: waits so many seconds.
    """

    def __init__(self, prometheus: Prometheus, terms: Terms, sleep: Callable[[float], None] = time.sleep) -> None:
        self._prometheus, self._terms, self._sleep = prometheus, terms, sleep
        self._changed_at = time.time()

    def before(self, hosts: Mapping[str, HostState]) -> Sick:
        """What is wrong on all hosts that are being scraped; and note of the inventory's which these are.

        Raises:
            InputError: ``hosts-unmatched``: none of the inventory's; ``not-prometheus``.
            RefusedError: as ``Survey.hosts``.
        """
        now, terms = time.time(), self._terms
        present = self._numbers(PRESENT, now, 1)
        sick = {host.host: _serious(host) for host in self._survey(terms.range_s, now) if host.host in present}
        found = matched(_addresses(hosts), sick)
        if not found:
            raise InputError(
                "hosts-unmatched", _unmatched(hosts, sick), "--host LABEL says which label has their names"
            )
        for name, host in hosts.items():
            host.in_prometheus = name in found
        return sick

    def changed(self) -> None:
        """From now on hosts are as they were changed to be."""
        self._changed_at = time.time()

    def since(self, hosts: Mapping[str, HostState], names: Collection[str], before: Sick) -> str:
        """Wait until hosts have been scraped since the change; then what is against it, a clause; empty: nothing.

        Args:
            hosts: all of the inventory's.
            names: those that were changed and are to be judged.
            before: what ``before`` gave.
        """
        present = matched(_addresses(hosts), before)
        ours = {name: present[name] for name in names if name in present}
        others = [host for host in before if host not in {present.get(name) for name in hosts if _has_it(hosts[name])}]
        try:
            missing = self._await_scrapes(set(ours.values()))
            silent = [name for name, host in ours.items() if host in missing]
            if silent:
                return f"{silent[0]}: Prometheus has not scraped it since the change"
            now = time.time()
            found = self._survey(int(now - self._changed_at), now) if ours else []
        except LastackError as error:
            return f"the doctor on Prometheus cannot tell: {error.message}"
        return next(worse(before, {host.host: host for host in found}, ours, others), "")

    def _survey(self, range_s: int, now: float) -> list[Host]:
        terms = self._terms
        scope = Scope(terms.match, max(range_s, 1))
        survey = Survey(self._prometheus, scope, host_label=terms.host_label, most_series=terms.most_series)
        return survey.hosts(now)

    def _numbers(self, query: Query, now: float, seconds: float) -> dict[str, float]:
        """Host to number; of two exporters, the smaller."""
        found: dict[str, float] = {}
        for one in self._prometheus.query(query.fill(Scope(self._terms.match, int(seconds))), now):
            name = host_of(one.labels, self._terms.host_label)
            found[name] = min(found.get(name, one.value), one.value)
        return found

    def _await_scrapes(self, names: Collection[str]) -> set[str]:
        """Those that were not scraped at all. Raises as ``Prometheus.query``, where it ends so."""
        until = time.monotonic() + self._terms.settle_s
        while True:
            left_s = until - time.monotonic()
            now = time.time()
            try:
                scraped = self._numbers(SCRAPES, now, max(now - self._changed_at, 1.0))
            except LastackError:
                if left_s <= 0:
                    raise
                scraped = {}
            if left_s <= 0 or all(scraped.get(name, 0) >= _SCRAPES for name in names):
                return {name for name in names if name not in scraped}
            self._sleep(min(_POLL_S, left_s))


def worse(before: Sick, since: Mapping[str, Host], ours: Mapping[str, str], others: Collection[str]) -> Iterator[str]:
    """What is new or more severe on changed hosts, and not on more than a few of the others as well.

    Args:
        before: what was wrong.
        since: Prometheus' name of a host to what is known of it since.
        ours: hosts that were changed: the inventory's name to Prometheus'.
        others: Prometheus' names of hosts that were not.
    """
    others = [name for name in others if name in since]
    of_others = [fault.id for name in others for fault in _new(before.get(name, {}), since[name].faults)]
    for name, host in ours.items():
        for fault in _new(before[host], since[host].faults) if host in since else ():
            if of_others.count(fault.id) <= FEW * len(others):
                evidence = f": {fault.evidence}" if fault.evidence else ""
                yield f"{name}: the doctor on Prometheus finds {fault.id} ({fault.severity}), new there{evidence}"


def _new(before: Mapping[str, Severity], faults: Iterable[Fault]) -> Iterator[Fault]:
    for fault in faults:
        known = before.get(fault.id, SEVERITIES[-1])
        if SEVERITIES.index(fault.severity) < SEVERITIES.index(known):
            yield fault


def _serious(host: Host) -> dict[str, Severity]:
    return {fault.id: fault.severity for fault in host.faults if fault.severity != "notice"}


def _has_it(host: HostState) -> bool:
    return host.status in {"changed", "kept", "had-it", "lost"}


def _addresses(hosts: Mapping[str, HostState]) -> dict[str, str]:
    return {name: host.address for name, host in hosts.items()}


def _unmatched(hosts: Collection[str], there: Collection[str]) -> str:
    ours, theirs = (", ".join(sorted(names)[:_SHOWN]) or "none" for names in (hosts, there))
    return f"no host of the inventory ({ours}) is one that Prometheus has ({theirs})"
