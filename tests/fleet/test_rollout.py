"""A real Ansible and twenty real hosts: harm stops at the canary, help reaches all, a killed controller goes on.

With a Prometheus beside it: tests/fleet/test_judge.py.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lastack.lab import Lab
from lastack.lab.worker import Worker
from tests.fleet.inventory import plan_of, write_inventory
from tests.fleet.stage import Host, Peer

HOSTS = 20
FIN, BUCKETS = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_max_tw_buckets"
_PATIENCE_S = 90.0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Twenty hosts, the first of which serves connections that it closes first."""
    with Lab(HOSTS) as opened:
        peer = Worker(opened.server, Peer)
        host = Worker(opened.client, lambda: Host(opened.links[0].client(4)))
        host.ask("churn", opened.links[0].server(4), 0.01)
        yield opened
        host.close()
        peer.close()


def _command(plan: Path, inventory: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "lastack", "fleet", "rollout", str(plan), "--inventory", str(inventory), "--yes"]
    return [*command, "--baseline", "4s", "--soak", "3s", "--stages", "1,10%,100%", *more]


def _state(plan: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(Path(f"{plan}.rollout.json").read_bytes())
    return state


def _is_state(plan: Path, **expected: object) -> bool:
    return Path(f"{plan}.rollout.json").exists() and expected.items() <= _state(plan).items()


def _promises(plan: Path) -> list[Path]:
    """What is left on hosts, which share a folder here."""
    marks = [
        hashlib.sha256(f"{_state(plan)['mark']} {name}".encode()).hexdigest()[:16] for name in _state(plan)["hosts"]
    ]
    return [path for mark in marks for path in Path("/run").glob(f"lastack-rollout-{mark}*")]


def _kept(statuses: dict[str, Any]) -> int:
    return sum(host["status"] == "kept" for host in statuses.values())


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_harm_stops_at_the_canary(lab: Lab, tmp_path: Path) -> None:
    """A limit of one TIME_WAIT, where connections are closed: its counter is the reason, and it is put back."""
    plan, inventory = plan_of(tmp_path, tcp_max_tw_buckets="1"), write_inventory(lab, tmp_path, gone=("h99",))
    before = [client.get(BUCKETS) for client in lab.clients]
    done = subprocess.run(_command(plan, inventory), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "STOPPED in stage 1 of 3: h0: closes get no TIME_WAIT (TcpExt.TCPTimeWaitOverflow)" in done.stdout
    assert "put back: h0\n" in done.stdout
    assert "UNREACHABLE, left as they are: h99\n  h99: " in done.stdout
    assert [client.get(BUCKETS) for client in lab.clients] == before
    statuses = {name: host["status"] for name, host in _state(plan)["hosts"].items()}
    expected = {"h0": "undone", "h99": "unreachable"} | {f"h{number}": "waiting" for number in range(1, HOSTS)}
    assert statuses == expected


def test_help_reaches_all_though_the_controller_is_killed(lab: Lab, tmp_path: Path) -> None:
    """Killed in the second stage; the same command goes on from there, and what had the canary is not done again."""
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="17"), write_inventory(lab, tmp_path)
    command = _command(plan, inventory)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        _until(lambda: _is_state(plan, stage=1))
        running.kill()
    assert [client.get(FIN) for client in lab.clients[3:]] == ["60"] * (HOSTS - 3)
    lab.client.set({FIN: 18})  # to see whether anybody writes it again
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "look at all hosts" not in done.stderr
    assert f"done: {HOSTS} of {HOSTS} hosts have it\n" in done.stdout
    assert [client.get(FIN) for client in lab.clients] == ["18"] + ["17"] * (HOSTS - 1)
    assert {host["before"][FIN] for host in _state(plan)["hosts"].values()} == {"60"}
    undone = subprocess.run([*command, "--undo"], capture_output=True, text=True, check=False)
    assert undone.returncode == 0, undone.stderr
    assert {client.get(FIN) for client in lab.clients} == {"60"}


def test_hosts_put_themselves_back_when_the_controller_dies(lab: Lab, tmp_path: Path) -> None:
    """Killed between a change and its confirmation: in time all hosts have what they had; the same command goes on."""
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="19"), write_inventory(lab, tmp_path)
    command = _command(plan, inventory)
    with subprocess.Popen(
        [*command, "--confirm-within", "15s"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        _until(lambda: _is_state(plan, stage=1, phase="watching"))
        running.kill()
    at_work = [lab.clients[1]]  # a tenth of twenty, without the canary
    assert [client.get(FIN) for client in at_work] == ["19"]
    _until(lambda: [client.get(FIN) for client in at_work] == ["60"])
    assert lab.client.get(FIN) == "19"  # the canary had been judged, and confirmed
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "h1: nobody confirmed in time, so it had been put back there; changed anew" in done.stderr
    assert "  h1: put itself back when no controller was there, and was changed anew\n" in done.stdout
    assert {client.get(FIN) for client in lab.clients} == {"19"}
    assert _kept(_state(plan)["hosts"]) == HOSTS
    assert not _promises(plan)
    subprocess.run([*command, "--undo"], capture_output=True, check=True)


def test_too_little_time_to_confirm_is_no_success(lab: Lab, tmp_path: Path) -> None:
    """The canary puts itself back while it is watched: the rollout stops, and says so."""
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="19"), write_inventory(lab, tmp_path)
    command = [*_command(plan, inventory, "--confirm-within", "4s"), "--limit", "h0:h1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "STOPPED in stage 1 of 2: h0: it has put itself back, so there was too little time" in done.stdout
    assert [client.get(FIN) for client in lab.clients[:2]] == ["60", "60"]
