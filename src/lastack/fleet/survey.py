"""Asking about a fleet: the queries in their order, and the report that their answers make."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from lastack.doctor.verdicts import SEVERITIES
from lastack.errors import RefusedError
from lastack.fleet.findings import faults_of
from lastack.fleet.names import host_of
from lastack.fleet.prometheus import Prometheus, Series
from lastack.fleet.queries import DESTINATIONS, HOSTS, SETTINGS, SIGNS, Query, Scope, inventory, one_of
from lastack.fleet.report import FleetReport, Group, Host, Place, Role
from lastack.fleet.traits import common, differences

__all__ = ["Survey"]

_QUIET_PER_S = 0.01
_MANY = 4  # times as many connections one way as the other make a server or a client
_ANY = ".+"


class Survey:
    """One round of questions.

    Args:
        prometheus: whom to ask.
        scope: about which series.
        by: the label that groups hosts.
        host_label: the label that names a host; None: ``instance`` without its port, so that two exporters of one
            host are one.
        most_series: how many series may be touched.
    """

    def __init__(
        self,
        prometheus: Prometheus,
        scope: Scope,
        *,
        by: str = "job",
        host_label: str | None = None,
        most_series: int = 2_000_000,
    ) -> None:
        self._prometheus, self._scope, self._by = prometheus, scope, by
        self._label, self._most = host_label, most_series
        self._there: dict[str, int] = {}
        self._series = 0

    def take(self, at_s: float) -> FleetReport:
        """Ask everything as of a moment, in Unix seconds. Raises as ``hosts``."""
        hosts = self.hosts(at_s)
        settings = self._settings(at_s)
        return FleetReport(
            asked_at=f"{datetime.fromtimestamp(int(at_s), UTC):%Y-%m-%dT%H:%M:%SZ}",
            range_s=self._scope.range_s,
            hosts=hosts,
            groups=_groups(hosts),
            common=common(hosts, settings),
            differences=differences(hosts, settings),
            destinations=list(self._destinations(at_s)),
            unknown=[*_unknown(self._there, hosts), *self._prometheus.warnings],
            queries=self._prometheus.queries,
            series=self._series,
        )

    def hosts(self, at_s: float) -> list[Host]:
        """Ask about the hosts and their faults alone, as of a moment, in Unix seconds; the worst first.

        Raises:
            InputError: ``not-prometheus``.
            RefusedError: ``nothing-reported``, ``prometheus-refused``, ``prometheus-unreachable``, ``too-many-series``.
        """
        counts = self._prometheus.query(inventory(self._scope), at_s)
        self._there = {one.labels.get("__name__", ""): int(one.value) for one in counts}
        if not self._there:
            hint = "widen --match or --range; `lastack metrics` and node_exporter export them"
            said = "".join(f"; {warning}" for warning in self._prometheus.warnings)
            raise RefusedError("nothing-reported", f"there is no series of lastack or node_exporter{said}", hint)
        if sum(self._there.values()) > self._most:
            message = f"{sum(self._there.values()):,} series are in question, and {self._most:,} the most to touch"
            raise RefusedError("too-many-series", message, "narrow it by --match, or raise --most-series")
        hosts = self._hosts({query.name: self._ask(query, at_s) for query in HOSTS}, at_s)
        if not hosts:
            label = self._label or "instance"
            raise RefusedError("nothing-reported", f"no series of a host has the label {label}", "--host names another")
        return hosts

    def _ask(self, query: Query, at_s: float, names: str = "") -> list[Series]:
        if not all(name in self._there for name in query.metrics):
            return []
        self._series += sum(self._there[name] for name in query.metrics)
        return self._prometheus.query(query.fill(self._scope, names), at_s)

    def _name(self, series: Series) -> str:
        return host_of(series.labels, self._label)

    def _hosts(self, answers: Mapping[str, list[Series]], at_s: float) -> list[Host]:
        told = {self._name(one): one.labels for one in answers["told"]}
        uname = {self._name(one): one.labels for one in answers["uname"]}
        counted = {self._name(one): one.labels for one in answers["counted"]}
        opened, accepted = (self._numbers(answers[name]) for name in ("opened", "accepted"))
        scrapes, found = self._numbers(answers["scrapes"]), ((self._name(one), one) for one in answers["findings"])
        signs = ((self._name(one), sign, one.value) for sign in SIGNS for one in self._ask(sign.query, at_s))
        faults = faults_of(found, scrapes, signs)
        names = sorted({name for name in (*told, *uname, *counted) if name})
        hosts = [
            Host(
                host=name,
                group=(told.get(name) or counted.get(name) or uname.get(name) or {}).get(self._by, ""),
                kernel=told.get(name, {}).get("kernel") or uname.get(name, {}).get("release"),
                role=_role(opened.get(name), accepted.get(name)),
                lastack=name in told,
                faults=faults.get(name, []),
            )
            for name in names
        ]
        return sorted(hosts, key=lambda host: -host.weight)

    def _numbers(self, answer: Iterable[Series]) -> dict[str, float]:
        """Host to number; of two exporters of one host, the larger."""
        found: dict[str, float] = {}
        for one in answer:
            name = self._name(one)
            found[name] = max(found.get(name, one.value), one.value)
        return found

    def _settings(self, at_s: float) -> dict[str, dict[str, str]]:
        """Key to host to value, of settings that have more than one."""
        found: dict[str, dict[str, str]] = {}
        for vary, values in (SETTINGS[:2], SETTINGS[2:]):
            keys = sorted(one.labels.get("key", "") for one in self._ask(vary, at_s))
            for one in self._ask(values, at_s, one_of(keys)) if keys else ():
                value = one.labels.get("value", f"{one.value:.0f}")
                found.setdefault(one.labels.get("key", ""), {})[self._name(one)] = value
        return found

    def _destinations(self, at_s: float) -> Iterator[Place]:
        fullest, *of_those = DESTINATIONS
        fill = {one.labels.get("remote", ""): one.value for one in self._ask(fullest, at_s, _ANY)}
        if not fill:
            return
        only = f".* > (?:{one_of(fill)})"
        worst, ports, users = (
            {one.labels.get("remote", ""): one for one in self._ask(query, at_s, only)} for query in of_those
        )
        for remote in sorted(fill, key=lambda name: -fill[name]):
            yield Place(
                destination=remote,
                fill=fill[remote],
                worst_host=self._name(worst[remote]) if remote in worst else "",
                ports=int(ports[remote].value) if remote in ports else 0,
                hosts=int(users[remote].value) if remote in users else 0,
            )


def _role(opened: float | None, accepted: float | None) -> Role | None:
    if opened is None or accepted is None:
        return None
    if opened + accepted < _QUIET_PER_S:
        return "idle"
    if accepted > _MANY * opened:
        return "server"
    return "client" if opened > _MANY * accepted else "proxy"


def _groups(hosts: Iterable[Host]) -> list[Group]:
    members: dict[str, list[Host]] = {}
    for host in hosts:
        members.setdefault(host.group, []).append(host)
    groups = []
    for group, of_it in members.items():
        ids = [fault.id for host in of_it for fault in host.faults if fault.severity in SEVERITIES[:2]]
        sick = sum(host.sick for host in of_it)
        faults = {name: ids.count(name) for name in sorted(set(ids))}
        groups.append(Group(group=group, hosts=len(of_it), sick=sick, faults=faults))
    return sorted(groups, key=lambda one: (-one.sick / one.hosts, one.group))


def _unknown(there: Mapping[str, int], hosts: Iterable[Host]) -> Iterator[str]:
    silent = sum(not host.lastack for host in hosts)
    if silent:
        yield (
            f"{silent:,} hosts have no metrics of lastack: of ports, queues, settings and findings nothing is known "
            "there, only what node_exporter counts"
        )
    for sign in SIGNS:
        missing = [name for name in sign.query.metrics if name not in there]
        if missing:
            yield f"{sign.id} by counters: no series of {', '.join(missing)}"
