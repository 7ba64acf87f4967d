"""What is found of a fleet: the structure that ``lastack fleet doctor --json`` prints."""

from typing import Literal

from msgspec import Struct

from lastack.doctor.verdicts import SEVERITIES, Severity

__all__ = ["SCHEMA", "Common", "Deviation", "Difference", "Fault", "FleetReport", "Group", "Host", "Place", "Role"]

SCHEMA = "lastack.fleet-doctor/1"

Role = Literal["client", "idle", "proxy", "server"]
_WEIGHTS = dict(zip(SEVERITIES, (100.0, 10.0, 0.1), strict=True))


class Fault(Struct, frozen=True, kw_only=True):
    """Something that is wrong on a host.

    Attributes:
        id: the doctor's rule; `lastack explain` takes it.
        severity: the worst it had.
        share: of the scrapes in the range, those that had it, 0 to 1; `null` where only a counter tells.
        evidence: what the counters say; empty: the exporter's doctor says it, with evidence on the host.
    """

    id: str
    severity: Severity
    share: float | None
    evidence: str = ""

    @property
    def weight(self) -> float:
        """For ranking."""
        return _WEIGHTS[self.severity] * (1.0 if self.share is None else self.share)


class Host(Struct, frozen=True, kw_only=True):
    """A host.

    Attributes:
        host: its address without a port, or the label that was asked for.
        group: the label by which hosts are grouped; empty where it has none.
        kernel: release; `null` where nothing tells.
        role: by who opens its connections: `server`, `client`, `proxy` (both), `idle`; `null` where nothing tells.
        lastack: whether lastack's metrics are there, or node_exporter's alone.
        faults: the worst first.
    """

    host: str
    group: str
    kernel: str | None
    role: Role | None
    lastack: bool
    faults: list[Fault]

    @property
    def weight(self) -> float:
        """For ranking."""
        return sum(fault.weight for fault in self.faults)

    @property
    def sick(self) -> bool:
        """Whether something is wrong, and not only worth knowing."""
        return any(fault.severity != "notice" for fault in self.faults)


class Group(Struct, frozen=True, kw_only=True):
    """Hosts of one group.

    Attributes:
        group: its label.
        hosts: how many.
        sick: how many of them are.
        faults: fault to hosts that have it; notices left out.
    """

    group: str
    hosts: int
    sick: int
    faults: dict[str, int]


class Common(Struct, frozen=True, kw_only=True):
    """What hosts with a fault have in common, and the others have not.

    Attributes:
        fault: its id.
        trait: `kernel`, `role`, `group`, or a setting's key.
        value: of the trait.
        sick: hosts with the fault and this value.
        of_sick: hosts with the fault whose trait is known.
        healthy: hosts without the fault and with this value.
        of_healthy: hosts without the fault whose trait is known.
        chance: how probable that is where trait and fault have nothing to do with one another, for the best of all
            traits that were tried.
    """

    fault: str
    trait: str
    value: str
    sick: int
    of_sick: int
    healthy: int
    of_healthy: int
    chance: float


class Deviation(Struct, frozen=True, kw_only=True):
    """A value that few have.

    Attributes:
        value: of the setting.
        hosts: those that have it.
    """

    value: str
    hosts: list[str]


class Difference(Struct, frozen=True, kw_only=True):
    """A setting that differs within a group.

    Attributes:
        group: which.
        key: of the setting.
        usual: the value of most hosts.
        hosts: how many have that.
        others: the other values.
        computed: whether the kernel computes the default, from memory mostly: then machines may differ by themselves.
    """

    group: str
    key: str
    usual: str
    hosts: int
    others: list[Deviation]
    computed: bool


class Place(Struct, frozen=True, kw_only=True):
    """A destination.

    Attributes:
        destination: its remote address and port.
        fill: the largest share of the local ports towards it that was in use on any host, 0 to 1.
        worst_host: the host that had it.
        ports: that were in use towards it, on all hosts.
        hosts: that had connections to it.
    """

    destination: str
    fill: float
    worst_host: str
    ports: int
    hosts: int


class FleetReport(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """A fleet.

    Attributes:
        asked_at: the moment that was asked about, RFC 3339, UTC.
        range_s: how far back.
        hosts: the worst first.
        groups: those with the largest share of sick hosts first.
        common: the least probable by chance first.
        differences: by group and key.
        destinations: the fullest first.
        unknown: what could not be told.
        queries: how many were asked.
        series: how many series they touched, as counted at the beginning.
    """

    asked_at: str
    range_s: int
    hosts: list[Host]
    groups: list[Group]
    common: list[Common]
    differences: list[Difference]
    destinations: list[Place]
    unknown: list[str]
    queries: int
    series: int

    def reaches(self, severity: Severity) -> bool:
        """Whether some fault is as bad as that, or worse."""
        worst = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return any(fault.severity in worst for host in self.hosts for fault in host.faults)
