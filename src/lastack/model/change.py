"""What changed between two samples, if they compare at all."""

from msgspec import Struct

from lastack.model.sample import Sample

__all__ = ["ONE_SAMPLE", "Change", "change", "obstacle"]

ONE_SAMPLE = "one sample only"

# Rows of /proc/net/snmp's Tcp line that are no counters (RFC 1213 tcp group).
_GAUGES = frozenset({"Tcp.RtoAlgorithm", "Tcp.RtoMin", "Tcp.RtoMax", "Tcp.MaxConn", "Tcp.CurrEstab"})


class Change(Struct, frozen=True, kw_only=True):
    """From an earlier sample to this one.

    Attributes:
        interval_s: seconds between the two, by the clock that counts since boot.
        counters: how far each counter went, by names such as ``TcpExt.ListenOverflows``; only those in both samples.
    """

    interval_s: float
    counters: dict[str, int]


def change(sample: Sample, previous: Sample) -> Change:
    """What changed since ``previous``, if ``obstacle`` finds none."""
    return Change(interval_s=sample.uptime_s - previous.uptime_s, counters=_deltas(sample, previous))


def obstacle(sample: Sample, previous: Sample | None) -> str:
    """Why it cannot be told what changed since ``previous``; empty if it can. Counters since boot are no substitute."""
    if previous is None:
        return ONE_SAMPLE
    if sample.boot_id is None or previous.boot_id is None:
        return "the boot id is not visible, so the samples may be of different boots"
    if sample.boot_id != previous.boot_id:
        return "the earlier sample is of another boot"
    if sample.netns != previous.netns:
        return "the earlier sample is of another namespace"
    return _obstacle_within_one_boot(sample, previous)


def _obstacle_within_one_boot(sample: Sample, previous: Sample) -> str:
    if sample.uptime_s <= previous.uptime_s:
        return "the earlier sample is not earlier"
    # A namespace's inode is given to a new namespace once it is gone, with counters that begin anew.
    if any(delta < 0 for delta in _deltas(sample, previous).values()):
        return "counters went down, so they began anew in between"
    return ""


def _deltas(sample: Sample, previous: Sample) -> dict[str, int]:
    before, now = _flat(previous), _flat(sample)
    return {name: now[name] - before[name] for name in now if name in before}


def _flat(sample: Sample) -> dict[str, int]:
    every = {f"{group}.{name}": value for group, names in sample.counters.items() for name, value in names.items()}
    return {name: value for name, value in every.items() if name not in _GAUGES}
