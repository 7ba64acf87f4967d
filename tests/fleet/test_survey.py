"""What is made of the answers: a real Prometheus, with the history of hosts that were made up."""

import shutil
import time
from collections.abc import Iterator

import pytest
from bench.fleets import Made, served

from lastack.errors import RefusedError
from lastack.fleet.prometheus import Prometheus
from lastack.fleet.queries import Scope
from lastack.fleet.report import FleetReport
from lastack.fleet.survey import Survey
from tests.kernel.private import unavailable

OVERFLOWS = "node_netstat_TcpExt_ListenOverflows"
KEY = "net.ipv4.tcp_abort_on_overflow"
COUNTERS = f"""\
node_uname_info{{release="6.1.0",nodename="x"}} 1
node_netstat_Tcp_CurrEstab 12
node_netstat_Tcp_ActiveOpens 100
node_netstat_Tcp_PassiveOpens 100
{OVERFLOWS} 1000
node_tcp_connection_states{{state="close_wait"}} 90
node_nf_conntrack_entries 10
node_nf_conntrack_entries_limit 100
"""
SERVING = {"node_netstat_Tcp_PassiveOpens": 600}
LASTACK = f"""\
lastack_host_info{{{{kernel="6.12.1",netns="net:[1]",source="sock_diag"}}}} 1
lastack_exact 1
lastack_setting{{{{key="{KEY}"}}}} {{}}
lastack_setting_info{{{{key="net.ipv4.ip_local_port_range",value="32768 60999"}}}} 1
"""
FOUND = 'lastack_finding_info{id="accept-queue",severity="critical",confidence="high"} 1\n'


def _made() -> Iterator[Made]:
    """Thirty hosts with both exporters, six of them sick and set otherwise; eight with node_exporter's alone."""
    for at in range(30):
        sick = at % 5 == 0
        yield Made(f"10.0.0.{at}:9777", "lastack", LASTACK.format(int(sick)) + FOUND * sick)
        yield Made(f"10.0.0.{at}:9100", "node", COUNTERS, SERVING)
    leaking = COUNTERS.replace("} 90", "} 190")
    full = COUNTERS.replace("entries 10\n", "entries 95\n")
    yield Made("[2001:db8::1]:9100", "edge", COUNTERS, SERVING | {OVERFLOWS: 50})
    yield Made("[2001:db8::2]:9100", "edge", leaking, SERVING | {"node_tcp_connection_states": 10})
    yield Made("[2001:db8::3]:9100", "edge", full, SERVING)
    yield Made("[2001:db8::4]:9100", "edge", leaking, {"node_netstat_Tcp_ActiveOpens": 600})
    yield Made("db:9100", "edge", COUNTERS, {"node_netstat_Tcp_ActiveOpens": 600, **SERVING})
    yield Made("idle:9100", "edge", COUNTERS)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """That Prometheus."""
    if not shutil.which("prometheus"):
        unavailable("prometheus is not installed")
    with served(_made(), tmp_path_factory.mktemp("made"), scrapes=4) as address:
        yield address


@pytest.fixture(scope="module")
def report(url: str) -> FleetReport:
    """Of ten minutes."""
    with Prometheus(url) as prometheus:
        return Survey(prometheus, Scope("", 600)).take(time.time())


def test_two_exporters_are_one_host(report: FleetReport) -> None:
    """By address; the group and the kernel are those that lastack's exporter says."""
    assert len(report.hosts) == 36
    both = [host for host in report.hosts if host.host.startswith("10.")]
    assert len(both) == 30
    assert {(host.group, host.kernel, host.role, host.lastack) for host in both} == {
        ("lastack", "6.12.1", "server", True)
    }


def test_what_node_exporter_alone_tells(report: FleetReport) -> None:
    """Overflows, a leak that grows, a full table; not a leak that stands still. It says what it cannot tell."""
    alone = {host.host: [fault.id for fault in host.faults] for host in report.hosts if not host.lastack}
    assert alone == {
        "[2001:db8::1]": ["accept-queue"],
        "[2001:db8::2]": ["close-wait"],
        "[2001:db8::3]": ["conntrack"],
        "[2001:db8::4]": [],
        "db": [],
        "idle": [],
    }
    assert any(line.startswith("6 hosts have no metrics of lastack") for line in report.unknown)


def test_roles(report: FleetReport) -> None:
    """By who opens."""
    roles = {host.host: host.role for host in report.hosts}
    assert (roles["[2001:db8::4]"], roles["db"], roles["idle"]) == ("client", "proxy", "idle")


def test_what_the_sick_share(report: FleetReport) -> None:
    """The setting that the six have and the others not; of the seventh, which has no lastack, it is not known."""
    (found,) = report.common
    assert (found.fault, found.trait, found.value) == ("accept-queue", KEY, "1")
    assert (found.sick, found.of_sick, found.healthy, found.of_healthy) == (6, 6, 0, 24)


def test_groups(report: FleetReport) -> None:
    """The sickest first."""
    assert [(one.group, one.sick, one.hosts) for one in report.groups] == [("edge", 3, 6), ("lastack", 6, 30)]


def test_queries_are_counted_and_those_of_absent_metrics_not_asked(report: FleetReport) -> None:
    """Neither about destinations, nor whose the port range is that all have alike."""
    assert report.destinations == []
    assert report.queries == 1 + 7 + 3 + 3  # inventory, hosts, settings, signs
    assert report.series == (30 + 30 + 6 + 4 * 36) + (2 * 30 + 30) + (36 + 2 * 36 + 36)


def test_a_label_that_no_host_has(url: str) -> None:
    """It is not that there are no sick ones."""
    with Prometheus(url) as prometheus, pytest.raises(RefusedError) as caught:
        Survey(prometheus, Scope("", 600), host_label="nodenam").take(time.time())
    assert caught.value.slug == "nothing-reported"
    assert "nodenam" in caught.value.message


def test_more_series_than_allowed_are_not_touched(url: str) -> None:
    """After one query that counts them."""
    with Prometheus(url) as prometheus, pytest.raises(RefusedError) as caught:
        Survey(prometheus, Scope("", 600), most_series=100).take(time.time())
    assert caught.value.slug == "too-many-series"
    assert prometheus.queries == 1
