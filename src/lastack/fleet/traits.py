"""What hosts with a fault have in common and the others have not; and settings that differ where they should not.

A trait counts when at least ``MOST`` of the hosts with the fault have it and at most ``FEW`` of the others, and when
that is improbable by chance: Fisher's exact test, one-sided, times the number of traits tried (Bonferroni).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import comb

from lastack.fleet.report import Common, Deviation, Difference, Host
from lastack.settings.catalogue.rows import SETTINGS

__all__ = ["FEW", "IMPROBABLE", "MOST", "Settings", "common", "differences"]

MOST, FEW, IMPROBABLE = 0.8, 0.2, 0.05

Settings = Mapping[str, Mapping[str, str]]  # key to host to value, of keys that vary


def common(hosts: Sequence[Host], settings: Settings) -> list[Common]:
    """Of each fault, the traits that go with it."""
    traits: dict[str, Mapping[str, str]] = {
        "kernel": {host.host: host.kernel for host in hosts if host.kernel},
        "role": {host.host: host.role for host in hosts if host.role},
        "group": {host.host: host.group for host in hosts if host.group},
        **settings,
    }
    faults = sorted({fault.id for host in hosts for fault in host.faults if fault.severity != "notice"})
    values = [(trait, value) for trait, by_host in traits.items() for value in sorted(set(by_host.values()))]
    found: list[Common] = []
    for fault in faults:
        sick = {host.host for host in hosts if any(one.id == fault for one in host.faults)}
        for trait, value in values:
            found += _held(fault, sick, (trait, value), traits[trait], len(values))
    return sorted(found, key=lambda one: (one.chance, one.fault, one.trait))


def _held(
    fault: str, sick: set[str], named: tuple[str, str], by_host: Mapping[str, str], tried: int
) -> Iterator[Common]:
    trait, value = named
    with_fault = [by_host[host] == value for host in by_host if host in sick]
    without = [by_host[host] == value for host in by_host if host not in sick]
    if not with_fault or not without:
        return
    if sum(with_fault) < MOST * len(with_fault) or sum(without) > FEW * len(without):
        return
    chance = min(1.0, tried * _fisher(sum(with_fault), len(with_fault), sum(without), len(without)))
    if chance <= IMPROBABLE:
        yield Common(
            fault=fault,
            trait=trait,
            value=value,
            sick=sum(with_fault),
            of_sick=len(with_fault),
            healthy=sum(without),
            of_healthy=len(without),
            chance=chance,
        )


def _fisher(one: int, of_one: int, other: int, of_other: int) -> float:
    """The probability that at least ``one`` of the first have it, of those that have it at all."""
    having, whole = one + other, of_one + of_other
    ways = sum(comb(of_one, k) * comb(of_other, having - k) for k in range(one, min(of_one, having) + 1))
    return ways / comb(whole, having)


def differences(hosts: Iterable[Host], settings: Settings) -> list[Difference]:
    """Settings that differ between hosts of one group."""
    members: dict[str, list[str]] = {}
    for host in hosts:
        members.setdefault(host.group, []).append(host.host)
    found = []
    for group, names in sorted(members.items()):
        for key, by_host in sorted(settings.items()):
            values = {name: by_host[name] for name in names if name in by_host}
            if len(set(values.values())) > 1:
                found.append(_difference(group, key, values))
    return found


def _difference(group: str, key: str, values: Mapping[str, str]) -> Difference:
    (usual, hosts), *rest = Counter(values.values()).most_common()
    others = [
        Deviation(value=value, hosts=sorted(name for name in values if values[name] == value)) for value, _ in rest
    ]
    computed = key in SETTINGS and bool(SETTINGS[key].derived)
    return Difference(group=group, key=key, usual=usual, hosts=hosts, others=others, computed=computed)
