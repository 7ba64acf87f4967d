"""What remedies buy."""

import pytest

from lastack.forecast.flow import Flow, Limits
from lastack.forecast.what_if import pooled, remedies

SHORT = Flow(name="db", rate_per_s=1000, hold_s=0.01, ports=28_232)


def test_a_pool_that_carries_all_opens_next_to_nothing() -> None:
    """A thousandth, with a thousand requests to a connection; all of the pool is open all the time."""
    flow = pooled(SHORT, 32)
    assert flow.rate_per_s == pytest.approx(1.0)
    assert flow.rate_per_s * flow.hold_s == pytest.approx(32)


def test_a_pool_that_is_too_small_leaves_the_rest_as_it_was() -> None:
    """Five connections carry 500 requests of 10 ms a second."""
    flow = pooled(SHORT, 5)
    assert flow.rate_per_s == pytest.approx(500.5)


def test_each_remedy_is_the_flow_with_one_thing_changed() -> None:
    """Keep-alive comes first; settings last, with their lines."""
    found = list(remedies(SHORT, Limits()))
    assert [remedy.setting for remedy in found][-2:] == [
        "net.ipv4.tcp_tw_reuse = 1",
        "net.ipv4.ip_local_port_range = 10240 65535",
    ]
    assert found[0].what.startswith("keep-alive")
    assert [remedy.then.binds for remedy in found] == [None, None, "ports", None, "ports"]


def test_a_server_is_offered_no_ports() -> None:
    """It needs none."""
    assert list(remedies(Flow(name="s", role="passive", rate_per_s=1), Limits())) == []
