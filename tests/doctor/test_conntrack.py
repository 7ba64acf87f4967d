"""Netfilter's table of connections."""

import pytest
from msgspec.structs import replace

from lastack.doctor.conntrack import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from lastack.model.sample import Conntrack, Sample
from tests.model.samples import sample

HOST: dict[str, str | None] = {
    "net.core.netdev_max_backlog": "1000",
    "net.netfilter.nf_conntrack_buckets": "1000",
    "net.netfilter.nf_conntrack_max": "1000",
    "net.netfilter.nf_conntrack_tcp_timeout_established": "432000",
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait": "120",
}


def host(count: int, limit: int = 1000, settings: dict[str, str | None] | None = None) -> Sample:
    """One that tracks."""
    return sample(conntrack=Conntrack(count=count, max=limit), settings=HOST | (settings or {}))


def after(count: int, **deltas: int) -> Model:
    """Ten seconds, in which these counters went up."""
    before, now = host(count), host(count)
    start = {"Conntrack": dict.fromkeys(deltas, 5000)}
    end = {"Conntrack": {name: 5000 + delta for name, delta in deltas.items()}}
    return Model.of(replace(now, uptime_s=1010.0, counters=end), replace(before, uptime_s=1000.0, counters=start))


@pytest.mark.parametrize(
    ("count", "severity"), [(0, None), (799, None), (800, "warning"), (999, "warning"), (1000, "critical")]
)
def test_by_its_fill(count: int, severity: str | None) -> None:
    """Four fifths are a warning, all are critical."""
    assert getattr(check(Model.of(host(count))), "severity", None) == severity


def test_packets_dropped_now() -> None:
    """Whatever the fill at the moment of the sample."""
    verdict = check(after(500, drop=12, early_drop=0))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "critical"
    assert verdict.summary == "500 of 1,000 tracked connections; 12 packets dropped for want of room in 10 s"


def test_entries_evicted_now() -> None:
    """It was full, and something gave way."""
    verdict = check(after(500, drop=0, early_drop=1))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.evidence["entries_evicted"]) == ("warning", 1)


def test_counters_since_boot_are_no_evidence() -> None:
    """Two samples without a difference are healthy."""
    assert isinstance(check(after(500, drop=0, early_drop=0)), Healthy)


def test_no_limit() -> None:
    """0 is none."""
    assert isinstance(check(Model.of(host(50_000, limit=0))), Healthy)


def test_no_module_is_healthy_and_absent() -> None:
    """And in a container the host's table is out of sight."""
    verdict = check(Model.of(sample()))
    assert isinstance(verdict, Healthy)
    assert verdict.absent
    assert verdict.unseen == {"the host's conntrack": "each namespace has entries of its own"}
    assert check(Model.of(sample(settings={"net.core.netdev_max_backlog": "1000"}))).unseen == {}  # type: ignore[union-attr]


def test_files_that_may_not_be_read() -> None:
    """It cannot be told."""
    verdict = check(Model.of(sample(unseen={"net.netfilter.nf_conntrack_max": "Permission denied"})))
    assert isinstance(verdict, Unknown)
    assert "Permission denied" in verdict.reason


def test_what_to_set() -> None:
    """On the host, more room with as many buckets, and shorter memories; in a container what it can set."""
    verdict = check(Model.of(host(1000)))
    assert isinstance(verdict, Finding)
    prefix = "net.netfilter.nf_conntrack_"
    assert [(remedy.key, remedy.value) for remedy in verdict.remedies if remedy.key] == [
        (f"{prefix}max", "2000"),
        (f"{prefix}buckets", "2000"),
        (f"{prefix}tcp_timeout_time_wait", "60"),
        (f"{prefix}tcp_timeout_established", "86400"),
    ]
    inside = check(Model.of(host(1000, settings={"net.core.netdev_max_backlog": None})))
    assert isinstance(inside, Finding)
    assert [remedy.key for remedy in inside.remedies if remedy.key] == [
        f"{prefix}tcp_timeout_time_wait",
        f"{prefix}tcp_timeout_established",
    ]
