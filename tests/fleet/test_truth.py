"""A real Prometheus that scrapes real hosts, three of them sick in three ways: the fleet's doctor against the truth."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.running import lastack_in
from tests.fleet.stage import CURT, ECHO, URL, Fleet, fleet

HOSTS = 22
OUT_OF_PORTS, LEAKY, STALLED = 3, 8, 13
_PORTS = 200


def _settings(number: int) -> dict[str, object]:
    """Each host has its own tcp_keepalive_time; one of them few ports, and one a small somaxconn."""
    own: dict[str, object] = {"net.ipv4.tcp_keepalive_time": 7200 - number, "net.ipv4.tcp_fin_timeout": 30}
    if number == OUT_OF_PORTS:
        own["net.ipv4.ip_local_port_range"] = f"40000 {40000 + _PORTS - 1}"
    if number == STALLED:
        own["net.core.somaxconn"] = 8
    return own


@pytest.fixture(scope="module")
def sick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """All hosts with a load, and three with what makes them sick."""
    with fleet(HOSTS, _settings, tmp_path_factory.mktemp("prometheus")) as found:
        for number, host in enumerate(found.hosts):
            assert host.ask("visit", found.server(number), 20) == 20
        found.hosts[OUT_OF_PORTS].ask("visit", found.server(OUT_OF_PORTS), _PORTS)
        found.hosts[LEAKY].ask("leak", found.server(LEAKY), 150)
        found.hosts[STALLED].ask("stall", 80, 100)
        found.peer.ask("crowd", found.address(STALLED), 80, 40)
        found.until('count(lastack_finding_info{severity!="notice"})', lambda answer: _number(answer) >= 3)
        found.until("count(rate(node_netstat_Tcp_ActiveOpens[5m]) > 0)", lambda answer: _number(answer) >= HOSTS)
        yield found


def _number(answer: list[Any]) -> int:
    return int(answer[0]["value"][1]) if answer else 0


@pytest.fixture(scope="module")
def report(sick: Fleet) -> dict[str, Any]:
    """What the doctor says of them."""
    done = lastack_in(sick.lab, "fleet", "doctor", "--prometheus", URL, "--range", "5m", "--json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_sick_and_their_faults_and_no_others(sick: Fleet, report: dict[str, Any]) -> None:
    """Three hosts with a fault each, out of 22."""
    found = {
        host["host"]: [fault["id"] for fault in host["faults"] if fault["severity"] != "notice"]
        for host in report["hosts"]
    }
    assert len(found) == HOSTS
    assert {host: ids for host, ids in found.items() if ids} == {
        sick.address(OUT_OF_PORTS): ["ephemeral-ports"],
        sick.address(LEAKY): ["close-wait"],
        sick.address(STALLED): ["accept-queue"],
    }


def test_groups_and_roles(report: dict[str, Any]) -> None:
    """By Prometheus' own label: two sick of one job, one of the other; and all are mostly clients."""
    groups = {one["group"]: (one["hosts"], one["sick"]) for one in report["groups"]}
    assert groups == {"web": (11, 1), "api": (11, 2)}
    assert {host["role"] for host in report["hosts"]} <= {"client", "proxy", "server"}


def test_settings_that_differ(sick: Fleet, report: dict[str, Any]) -> None:
    """Those that were made to differ, of numbers and of text, by host; not the one that was changed on all."""
    found = {(one["group"], one["key"]): one for one in report["differences"]}
    keepalive, ports, queue = "net.ipv4.tcp_keepalive_time", "net.ipv4.ip_local_port_range", "net.core.somaxconn"
    assert set(found) == {("web", keepalive), ("api", keepalive), ("api", ports), ("api", queue)}
    assert found["api", ports]["others"] == [{"value": "40000 40199", "hosts": [sick.address(OUT_OF_PORTS)]}]
    assert found["api", queue]["others"] == [{"value": "8", "hosts": [sick.address(STALLED)]}]
    assert found["api", queue]["hosts"] == 10


def test_destinations(sick: Fleet, report: dict[str, Any]) -> None:
    """The one whose ports are used up is the fullest, with the ports and the host that the kernel counts."""
    first = report["destinations"][0]
    assert first["destination"] == f"{sick.server(OUT_OF_PORTS)}:{ECHO}"
    assert (first["fill"], first["ports"], first["hosts"]) == (1.0, _PORTS, 1)
    assert first["worst_host"] == sick.address(OUT_OF_PORTS)
    assert len(report["destinations"]) == 10
    assert f"{sick.server(LEAKY)}:{CURT}" in {one["destination"] for one in report["destinations"]}


def test_it_asks_little(sick: Fleet, report: dict[str, Any]) -> None:
    """Thirty queries at most, and their number and series are in the text too."""
    assert 0 < report["queries"] <= 30
    text = lastack_in(sick.lab, "fleet", "doctor", "--prometheus", URL, "--range", "5m").stdout
    assert text.startswith(f"3 of {HOSTS} hosts are sick, over 5 min.\n")
    assert "nothing that could not be chance" in text
    assert text.splitlines()[-1].endswith(" series")


def test_match_and_other_labels(sick: Fleet) -> None:
    """Matchers as in PromQL, with braces or without; hosts by a label of one's own; the exit code where asked for."""
    common = ["fleet", "doctor", "--prometheus", URL, "--range", "5m", "--json"]
    web = json.loads(lastack_in(sick.lab, *common, "--match", '{job="web"}').stdout)
    assert len(web["hosts"]) == 11
    jobs = json.loads(lastack_in(sick.lab, *common, "--host", "job", "--by", "none").stdout)
    assert {host["host"] for host in jobs["hosts"]} == {"web", "api"}
    assert lastack_in(sick.lab, *common, "--fail-on", "critical").returncode == 1
    assert lastack_in(sick.lab, *common, "--match", 'job="none"').returncode == 3


def test_what_the_server_refuses_is_told(sick: Fleet) -> None:
    """Its own words, for a selector that is none."""
    done = lastack_in(sick.lab, "fleet", "doctor", "--prometheus", URL, "--match", "job=web")
    assert done.returncode == 3
    assert "refuses a query: " in done.stderr
    assert "parse error" in done.stderr
