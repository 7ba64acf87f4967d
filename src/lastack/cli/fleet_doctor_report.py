"""What ``lastack fleet doctor`` prints."""

from collections.abc import Iterator, Sequence

from msgspec import json

from lastack.cli.draw import columns, plain
from lastack.cli.duration import spoken
from lastack.fleet.report import Common, Difference, FleetReport, Host, Place

__all__ = ["as_json", "as_text"]

_MOST = 20  # hosts, and differences, in the text; the JSON has all
_NAMED = 3  # hosts in a line
_RED, _YELLOW, _END = "\x1b[31m", "\x1b[33m", "\x1b[0m"
_COLORS = {"critical": _RED, "warning": _YELLOW}


def as_json(report: FleetReport) -> str:
    """The document of schema ``lastack.fleet-doctor/1``."""
    return json.encode(report).decode() + "\n"


def as_text(report: FleetReport, *, color: bool = False) -> Iterator[str]:
    """A verdict, then the sick hosts, groups, what they share, what differs, destinations, and what is not known."""
    sick = [host for host in report.hosts if host.sick]
    yield f"{len(sick):,} of {len(report.hosts):,} hosts are sick, over {spoken(report.range_s)}."
    yield from _hosts(sick, color=color)
    yield from _groups(report)
    yield from _commons(report.common, sick)
    yield from _differences(report.differences)
    yield from _destinations(report.destinations)
    yield from _noted(report)
    yield from (f"Not told: {plain(reason)}" for reason in report.unknown)
    yield f"{report.queries} queries, {report.series:,} series"


def _hosts(sick: Sequence[Host], *, color: bool) -> Iterator[str]:
    rows, colors = [], []
    for host in sick[:_MOST]:
        for number, fault in enumerate(host.faults):
            always = "" if fault.share is None else f"{fault.share:.0%} of the time"
            said = ", ".join(filter(None, [always, plain(fault.evidence)]))
            name = "" if number else plain(host.host)
            rows.append([name, fault.severity.upper(), plain(fault.id), said, "" if number else host.role or ""])
            colors.append(_COLORS.get(fault.severity, ""))
    if not rows:
        return
    yield ""
    for line, start in zip(columns(rows, left=5), colors, strict=True):
        yield f"{start}{line}{_END}" if color and start else line
    if len(sick) > _MOST:
        yield f"and {len(sick) - _MOST:,} more"


def _groups(report: FleetReport) -> Iterator[str]:
    if len(report.groups) < 2:
        return
    yield from ("", "By group")
    rows = []
    for group in report.groups[:_MOST]:
        faults = ", ".join(f"{plain(name)} {hosts:,}" for name, hosts in group.faults.items())
        rows.append([f"  {plain(group.group) or '(none)'}", f"{group.sick:,} of {group.hosts:,}", faults])
    yield from columns(rows, left=3)


def _commons(common: Sequence[Common], sick: Sequence[Host]) -> Iterator[str]:
    if not sick:
        return
    yield from ("", "Common to the sick, and rare among the others")
    if not common:
        yield "  nothing that could not be chance: no setting, kernel, role or group"
        return
    rows = [
        [
            f"  {plain(one.fault)}",
            f"{plain(one.trait)} {plain(one.value)}",
            f"{one.sick:,} of {one.of_sick:,} sick",
            f"{one.healthy:,} of {one.of_healthy:,} others",
            f"chance {one.chance:.1g}",
        ]
        for one in common[:_MOST]
    ]
    yield from columns(rows, left=2)


def _differences(differences: Sequence[Difference]) -> Iterator[str]:
    if not differences:
        return
    yield from ("", "Settings that differ within a group")
    for one in differences[:_MOST]:
        yield from _difference(one)
    if len(differences) > _MOST:
        yield f"  and {len(differences) - _MOST:,} more"


def _difference(one: Difference) -> Iterator[str]:
    what = f"  {plain(one.group) or '(none)'}: {plain(one.key)}"
    computed = "; the kernel computes its default" if one.computed else ""
    differing = sum(len(other.hosts) for other in one.others)
    if differing > one.hosts:
        yield f"{what} has {len(one.others) + 1:,} values on {one.hosts + differing:,} hosts{computed}"
        return
    yield f"{what} is {plain(one.usual)} on {_count(one.hosts, 'host')}{computed}"
    yield from (f"    {plain(other.value)} on {_names(other.hosts)}" for other in one.others[:_NAMED])
    if len(one.others) > _NAMED:
        yield f"    and {_count(len(one.others) - _NAMED, 'other value')}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _names(hosts: Sequence[str]) -> str:
    shown = ", ".join(map(plain, hosts[:_NAMED]))
    return f"{shown} and {len(hosts) - _NAMED:,} more" if len(hosts) > _NAMED else shown


def _destinations(places: Sequence[Place]) -> Iterator[str]:
    if not places:
        return
    yield from ("", "Destinations, the fullest first")
    rows = [
        [
            f"  {plain(one.destination)}",
            f"{one.fill:.0%} of the ports of {plain(one.worst_host)}",
            f"{_count(one.ports, 'port')} on {_count(one.hosts, 'host')}",
        ]
        for one in places
    ]
    yield from columns(rows, left=3)


def _noted(report: FleetReport) -> Iterator[str]:
    noted: dict[str, list[str]] = {}
    for host in report.hosts:
        for fault in host.faults:
            if fault.severity == "notice":
                noted.setdefault(fault.id, []).append(host.host)
    if noted:
        yield from ("", "Worth knowing, and no sickness")
        yield from (f"  {plain(name)} on {_names(hosts)}" for name, hosts in noted.items())
