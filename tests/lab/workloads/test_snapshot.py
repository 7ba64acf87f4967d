"""Workloads like a real host."""

import pytest

from lastack.errors import InputError
from lastack.lab.workloads.snapshot import like
from lastack.lab.workloads.table import WORKLOADS
from lastack.model.sample import Cohort, Sample

_DEFAULTS = {"net.ipv4.ip_local_port_range": "32768 60999", "net.ipv4.tcp_tw_reuse": "2"}
_SETTINGS = {"net.ipv4.ip_local_port_range": "20000 29999", "net.ipv4.tcp_tw_reuse": "2", "net.ipv4.tcp_mem": "1 2 3"}


def _sample(*cohorts: Cohort) -> Sample:
    return Sample(
        taken_at="2026-01-01T00:00:00Z",
        uptime_s=1.0,
        host="web1",
        kernel="6.18.0",
        netns="net:[1]",
        source="sock_diag",
        cohorts=list(cohorts),
        listeners=[],
        settings=_SETTINGS,
    )


def _closed(count: int, remote: str = "", port: int = 0) -> Cohort:
    """TIME_WAIT sockets: of port 80, or towards a destination."""
    if not remote:
        return Cohort(state="TIME_WAIT", family=4, count=count, role="passive", local="192.0.2.1", local_port=80)
    return Cohort(
        state="TIME_WAIT", family=4, count=count, role="active", local="192.0.2.1", remote=remote, remote_port=port
    )


def test_a_server_that_closed_first() -> None:
    """6,000 TIME_WAIT are 100 closes a second, for each lasts a minute."""
    workload = like(_sample(_closed(6000)), _DEFAULTS)
    assert (workload.kind, workload.knobs.opener, workload.knobs.closer) == ("visitors", "peer", "host")
    assert workload.knobs.rate == 100.0


def test_a_client_of_several_destinations() -> None:
    """Each with its share."""
    sample = _sample(_closed(600), _closed(4500, "198.51.100.1", 443), _closed(1500, "198.51.100.2", 443))
    workload = like(sample, _DEFAULTS)
    assert (workload.knobs.opener, workload.knobs.closer, workload.knobs.rate) == ("host", "host", 100.0)
    assert workload.knobs.shares == [75.0, 25.0]


def test_settings_that_differ_are_taken_over() -> None:
    """Where a lab has them."""
    assert like(_sample(_closed(60)), _DEFAULTS).settings == {"net.ipv4.ip_local_port_range": "20000 29999"}


def test_another_workload_takes_the_rate_and_keeps_its_programs() -> None:
    """And its own settings, unless the snapshot has others."""
    workload = like(_sample(_closed(6000)), _DEFAULTS, WORKLOADS["proxy"])
    assert (workload.kind, workload.knobs.rate, workload.knobs.requests) == ("relay", 100.0, 400)
    assert workload.settings == {"net.ipv4.ip_local_port_range": "20000 29999"}


def test_a_snapshot_without_closes_tells_no_rate() -> None:
    """So there is no workload to make of it."""
    with pytest.raises(InputError, match="no TIME_WAIT") as caught:
        like(_sample(), _DEFAULTS)
    assert caught.value.slug == "no-load-in-snapshot"
