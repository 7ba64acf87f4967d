"""Loads on their way: reported, stopped, refused connections counted."""

import time

from lastack.lab import Cohort, Lab, Load
from tests.lab.readers import states


def test_stopping_closes_what_is_open(lab: Lab) -> None:
    """A load that would go on for an hour ends at once, and its connections with it."""
    running = lab.start(Load(seconds=3600, rate=500, hold_s=3600, concurrency=50))
    deadline = time.monotonic() + 10
    while states(lab.server)[4, "ESTABLISHED"] < 50:
        assert time.monotonic() < deadline
    running.stop()
    assert states(lab.server)[4, "ESTABLISHED"] == 0


def test_two_loads_at_once(lab: Lab) -> None:
    """Each has addresses of its own, and a report of its own."""
    loads = [Load(seconds=0.3, rate=100, port=port) for port in (8001, 8002)]
    reports = [running.report() for running in [lab.start(load) for load in loads]]
    assert [report.failed for report in reports] == [{}, {}]
    assert states(lab.server)[4, "TIME_WAIT"] == sum(report.opened for report in reports)


def test_a_load_goes_beside_a_population(lab: Lab) -> None:
    """A listener on any address does not take the load's connections, which has a listener of its own."""
    lab.populate([Cohort("LISTEN", 1), Cohort("CLOSE_WAIT", 30)])
    report = lab.start(Load(seconds=0.3, rate=100, closer="client")).report()
    assert report.failed == {}
    assert states(lab.server) == {(4, "LISTEN"): 1, (4, "CLOSE_WAIT"): 30}
    assert states(lab.client)[4, "TIME_WAIT"] == report.opened


def test_what_fails_is_counted_by_its_errno(lab: Lab) -> None:
    """Ports run out where there are four and each is in TIME_WAIT: EADDRNOTAVAIL, connect(2)."""
    settings = {"net.ipv4.ip_local_port_range": "40000 40003", "net.ipv4.tcp_tw_reuse": 0}
    lab.client.set(settings)
    report = lab.start(Load(seconds=0.3, rate=100, closer="client")).report()
    assert report.opened == 4
    assert set(report.failed) == {"EADDRNOTAVAIL"}
