"""The doctor on Prometheus as a judge: on answers, on a made history, and in rollouts to twenty real hosts."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from bench.fleets import Made, served

from lastack.doctor.verdicts import Severity
from lastack.errors import InputError, RefusedError
from lastack.fleet.judge import Judge, Terms, worse
from lastack.fleet.prometheus import Prometheus
from lastack.fleet.report import Fault, Host
from lastack.fleet.rollout_state import HostState
from tests.fleet.inventory import plan_of, write_inventory
from tests.fleet.stage import URL, Fleet, fleet

HOSTS = 20
RANGE = "net.ipv4.ip_local_port_range"
NARROW, WIDE = "40000 40199", "40000 60999"
_HELD = 190  # of the 200 ports of NARROW
LASTACK = 'lastack_host_info{kernel="6.12.1",netns="net:[1]",source="sock_diag"} 1\nlastack_exact 1\n'
FOUND = 'lastack_finding_info{id="accept-queue",severity="critical",confidence="high"} 1\n'


def _host(name: str, **faults: Severity) -> Host:
    found = [Fault(id=fault, severity=severity, share=1.0) for fault, severity in faults.items()]
    return Host(host=name, group="web", kernel=None, role=None, lastack=True, faults=found)


def _worse(before: dict[str, dict[str, Severity]], since: Sequence[Host]) -> list[str]:
    """On host a, which is 10.0.0.1 in Prometheus, all others being unchanged."""
    others = [name for name in before if name != "10.0.0.1"]
    found = worse(before, {host.host: host for host in since}, {"a": "10.0.0.1"}, others)
    return [line.removeprefix("a: the doctor on Prometheus finds ") for line in found]


def test_what_is_new_there_is_worse() -> None:
    """By the name that the inventory has; a notice is not."""
    before: dict[str, dict[str, Severity]] = {"10.0.0.1": {}, "10.0.0.2": {}}
    since = [_host("10.0.0.1", syn="warning", order="notice"), _host("10.0.0.2")]
    assert _worse(before, since) == ["syn (warning), new there"]


def test_what_was_there_before_is_not() -> None:
    """Unless it has become more severe; that another host has had it for long is no excuse."""
    before: dict[str, dict[str, Severity]] = {"10.0.0.1": {"syn": "warning"}, "10.0.0.2": {"syn": "critical"}}
    assert _worse(before, [_host("10.0.0.1", syn="warning"), _host("10.0.0.2", syn="critical")]) == []
    since = [_host("10.0.0.1", syn="critical"), _host("10.0.0.2", syn="critical")]
    assert _worse(before, since) == ["syn (critical), new there"]


@pytest.mark.parametrize(("elsewhere", "told"), [(1, 1), (2, 1), (3, 0)])
def test_what_is_new_everywhere_does_not_come_of_the_change(elsewhere: int, told: int) -> None:
    """On more than a fifth of ten unchanged hosts."""
    names = [f"10.0.0.{number}" for number in range(1, 12)]
    since = [_host(name, syn="warning") if at <= elsewhere else _host(name) for at, name in enumerate(names)]
    assert len(_worse({name: {} for name in names}, since)) == told


def _made() -> Iterator[Made]:
    yield Made("web1:9777", "web", LASTACK)
    yield Made("web2:9777", "web", LASTACK + FOUND)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prometheus: two hosts, one of them sick, up to now and no further."""
    with served(_made(), tmp_path_factory.mktemp("history"), scrapes=4) as url:
        yield url


def _judge(prometheus: Prometheus, settle_s: float = 300.0) -> Judge:
    return Judge(prometheus, Terms("", None, 3600, settle_s, 1000))


def _inventory(*names: str) -> dict[str, HostState]:
    return {name: HostState("changed") for name in names}


def test_what_is_wrong_before_and_who_is_there(history: str) -> None:
    """All hosts that are being scraped; those of the inventory that are none of them are marked."""
    hosts = _inventory("WEB1", "db")
    with Prometheus(history) as prometheus:
        assert _judge(prometheus).before(hosts) == {"web1": {}, "web2": {"accept-queue": "critical"}}
    assert {name: host.in_prometheus for name, host in hosts.items()} == {"WEB1": True, "db": False}


def test_an_inventory_of_other_hosts_is_refused(history: str) -> None:
    """With the names of both sides."""
    with Prometheus(history) as prometheus, pytest.raises(InputError) as caught:
        _judge(prometheus).before(_inventory("db", "cache"))
    assert caught.value.slug == "hosts-unmatched"
    assert "(cache, db)" in caught.value.message
    assert "(web1, web2)" in caught.value.message


def test_a_host_that_is_not_scraped_any_more_is_lost(history: str) -> None:
    """When the time to wait for it is over, which another host is not waited for."""
    waited: list[float] = []
    with Prometheus(history) as prometheus:
        judge = Judge(prometheus, Terms("", None, 3600, 0.5, 1000), waited.append)
        time.sleep(1.1)  # the last scrape was up to a second ago
        judge.changed()
        before: dict[str, dict[str, Severity]] = {"web1": {}, "web2": {}}
        assert judge.since(_inventory("web1", "db"), ["web1", "db"], before) == (
            "web1: Prometheus has not scraped it since the change"
        )
        assert waited
        assert judge.since(_inventory("db"), ["db"], before) == ""


def test_a_server_that_does_not_answer() -> None:
    """Before a stage it is an error; after it, a reason to undo."""
    with Prometheus("http://127.0.0.1:9") as prometheus:
        judge = _judge(prometheus, settle_s=0.0)
        with pytest.raises(RefusedError):
            judge.before(_inventory("web1"))
        reason = judge.since(_inventory("web1"), ["web1"], {"web1": {}})
    assert reason.startswith("the doctor on Prometheus cannot tell: http://127.0.0.1:9 does not answer")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Twenty, of which the second has few ports, and both it and the first keep many connections open."""

    def settings(number: int) -> dict[str, object]:
        return {RANGE: NARROW if number == 1 else "32768 60999"}

    with fleet(HOSTS, settings, tmp_path_factory.mktemp("prometheus")) as found:
        for number in range(2):
            found.hosts[number].ask("hold", found.server(number), 40000, _HELD)
        found.until(f"count(lastack_destination_ports_used >= {_HELD})", bool)
        yield found


def _roll_out(hosts: Fleet, folder: Path, ports: str, order: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """By their addresses, but the last, which has a name that Prometheus does not know. Gives text and state."""
    named = {hosts.address(number): hosts.lab.clients[number] for number in order[:-1]}
    inventory = write_inventory(hosts.lab, folder, hosts=named | {"nameless": hosts.lab.clients[order[-1]]})
    plan = plan_of(folder, ip_local_port_range=ports)
    command = [sys.executable, "-m", "lastack", "fleet", "rollout", str(plan), "--inventory", str(inventory), "--yes"]
    command += ["--baseline", "4s", "--soak", "3s", "--stages", "1,100%", "--prometheus", URL, "--settle", "60s"]
    inside = ["nsenter", f"--net=/proc/{hosts.lab.server.pid}/ns/net", *command]
    done = subprocess.run(inside, capture_output=True, text=True, check=False)
    assert "NOT IN PROMETHEUS, their own counters alone judge them: nameless\n" in done.stdout, done.stderr
    return done.stdout, json.loads(Path(f"{plan}.rollout.json").read_bytes())


def _ranges(hosts: Fleet) -> list[str]:
    return [" ".join(client.get(RANGE).split()) for client in hosts.lab.clients]


def test_harm_that_only_prometheus_shows_stops_at_the_canary(hosts: Fleet, tmp_path: Path) -> None:
    """Nearly all ports in use: no connection fails, and no counter moves. The finding and the host are the reason."""
    before, canary = _ranges(hosts), hosts.address(0)
    text, state = _roll_out(hosts, tmp_path, NARROW, range(HOSTS))
    reason = f"{canary}: the doctor on Prometheus finds ephemeral-ports"
    assert f"STOPPED in stage 1 of 2: {reason}" in text
    assert f"put back: {canary}\n" in text
    assert _ranges(hosts) == before
    statuses = [host["status"] for host in state["hosts"].values()]
    assert (statuses.count("undone"), statuses.count("waiting")) == (1, HOSTS - 1 - statuses.count("had-it"))


def test_help_reaches_all(hosts: Fleet, tmp_path: Path) -> None:
    """A canary that was sick is so no more; no finding is new."""
    sick = f'count(lastack_finding_info{{id="ephemeral-ports",instance=~"{hosts.address(1)}:.*"}})'
    hosts.until(sick, bool)
    text, state = _roll_out(hosts, tmp_path, WIDE, [1, 0, *range(2, HOSTS)])
    assert f"done: {HOSTS} of {HOSTS} hosts have it\n" in text
    assert {host["status"] for host in state["hosts"].values()} == {"kept"}
    assert set(_ranges(hosts)) == {WIDE}
    hosts.until(sick, lambda answer: not answer)
