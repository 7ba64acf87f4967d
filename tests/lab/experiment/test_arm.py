"""Arms from command lines."""

import re

import pytest

from lastack.errors import UsageError
from lastack.lab.experiment.arm import BASELINE, parse_arm
from lastack.lab.workloads.table import WORKLOADS


def test_settings_and_knobs_are_told_apart() -> None:
    """A setting by its whole name or its last part, with dots or slashes; a knob with dots or underscores."""
    arm = parse_arm(
        ["tcp_tw_reuse=1", "net/ipv4/tcp_timestamps=0", "net.core.somaxconn = 128", "upstream.keepalive=32"]
    )
    assert arm.settings == {
        "net.ipv4.tcp_tw_reuse": "1",
        "net.ipv4.tcp_timestamps": "0",
        "net.core.somaxconn": "128",
    }
    assert arm.application == {"upstream_keepalive": "32"}
    assert arm.name == "tcp_tw_reuse=1, tcp_timestamps=0, somaxconn=128, upstream_keepalive=32"


@pytest.mark.parametrize("change", ["tcp_tw_reuse", "=1", "tcp_tw_reuse=", "tcp_time_wait=1", "kernel.panic=1"])
def test_what_is_no_change_is_refused(change: str) -> None:
    """With the text that was given."""
    with pytest.raises(UsageError, match=re.escape(repr(change.partition("=")[0])[:-1])) as caught:
        parse_arm([change])
    assert caught.value.slug == "bad-change"


def test_an_arm_changes_settings_and_knobs_of_a_workload() -> None:
    """Its settings come after those of the workload."""
    arm = parse_arm(["ip_local_port_range=30000 30999", "rate=10"])
    workload = arm.applied_to(WORKLOADS["one-destination"])
    assert workload.settings == {"net.ipv4.ip_local_port_range": "30000 30999"}
    assert workload.knobs.rate == 10.0
    assert BASELINE.applied_to(WORKLOADS["one-destination"]) == WORKLOADS["one-destination"]
