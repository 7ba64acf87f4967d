"""``lastack fleet rollout`` as a user runs it; stages, harm and kills are in tests/fleet/test_rollout.py."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lastack.lab import Lab
from tests.cli.running import lastack
from tests.fleet.inventory import plan_of, write_inventory

FIN = "net.ipv4.tcp_fin_timeout"


def test_check_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    """It shows values, hosts and stages, and who does not answer; there is no state afterwards."""
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="17"), write_inventory(lab, tmp_path, gone=("h9",))
    check = ["fleet", "rollout", str(plan), "--inventory", str(inventory), "--check"]
    done = lastack(*check)
    assert done.returncode == 0, done.stderr
    assert f"{FIN} = 17\nstage 1: h0\n  {FIN} was 60 on h0\nUNREACHABLE, left as they are: h9\n" in done.stdout
    assert lab.client.get(FIN) == "60"
    assert not Path(f"{plan}.rollout.json").exists()
    document = json.loads(
        lastack("fleet", "rollout", str(plan), "--inventory", str(inventory), "--check", "--json").stdout
    )
    assert document["schema"] == "lastack.rollout/1"
    host = {
        "status": "waiting",
        "before": {FIN: "60"},
        "note": "",
        "address": str(lab.client.pid),
        "in_prometheus": None,
    }
    assert document["hosts"]["h0"] == host


def test_interrupted_it_says_what_becomes_of_the_hosts(lab: Lab, tmp_path: Path) -> None:
    """They are changed, and not judged; the same command goes on."""
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="17"), write_inventory(lab, tmp_path)
    arguments = ["fleet", "rollout", str(plan), "--inventory", str(inventory), "--yes", "--baseline", "3s"]
    command = [sys.executable, "-m", "lastack", *arguments]
    with subprocess.Popen(
        [*command, "--soak", "60s"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as one:
        assert one.stderr is not None
        while "what comes of it" not in one.stderr.readline():
            assert one.poll() is None
        one.send_signal(signal.SIGINT)
        said = one.stderr.read()
    assert one.returncode == 130
    assert "put themselves back 6 min after the change, unless the same command goes on" in said
    assert lab.client.get(FIN) == "17"
    assert lastack(*arguments, "--soak", "3s").returncode == 0


def test_hosts_that_have_it_are_left_alone(lab: Lab, tmp_path: Path) -> None:
    """There is nothing to do then, and a second run says that it is over."""
    lab.client.set({FIN: 17})
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="17"), write_inventory(lab, tmp_path)
    arguments = ["fleet", "rollout", str(plan), "--inventory", str(inventory), "--yes"]
    done = lastack(*arguments)
    assert done.returncode == 0, done.stderr
    assert "done: 1 of 1 hosts have it\nhad it before: h0\n" in done.stdout
    assert "this rollout was over already" in lastack(*arguments).stderr


def test_a_host_without_the_setting_is_told(lab: Lab, tmp_path: Path) -> None:
    """It is refused there, and the exit code says so."""
    plan, inventory = plan_of(tmp_path, tcp_no_such="1"), write_inventory(lab, tmp_path)
    done = lastack("fleet", "rollout", str(plan), "--inventory", str(inventory), "--yes")
    assert done.returncode == 1
    assert "REFUSED, left as they are: h0\n" in done.stdout
    assert "tcp_no_such" in done.stdout


@pytest.mark.parametrize(
    ("settings", "more", "code", "said"),
    [
        ({}, [], 2, "changes no setting"),
        ({"tcp_fin_timeout": "17"}, ["--undo"], 2, "there is no such rollout"),
        ({"tcp_fin_timeout": "17"}, ["--soak", "0s"], 2, "from a second"),
        ({"tcp_fin_timeout": "17"}, ["--inventory", "/nonexistent"], 2, "no such file"),
        ({"tcp_fin_timeout": "17"}, ["--confirm-within", "60s"], 2, "ends before --soak"),
        ({"tcp_fin_timeout": "17"}, ["--prometheus", "nowhere"], 2, "no address"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, settings: dict[str, str], more: list[str], code: int, said: str
) -> None:
    """Before any host is asked."""
    (tmp_path / "hosts").write_text("h0 ansible_connection=local\n")
    plan = plan_of(tmp_path, **settings)
    done = lastack("fleet", "rollout", str(plan), "--inventory", f"{tmp_path}/hosts", *more)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_state_of_another_plan_is_refused(lab: Lab, tmp_path: Path) -> None:
    """Values that hosts had must not be mixed up."""
    inventory = write_inventory(lab, tmp_path)
    arguments = ["--inventory", str(inventory), "--yes", "--state", f"{tmp_path}/state"]
    lab.client.set({FIN: 17})
    assert lastack("fleet", "rollout", str(plan_of(tmp_path, tcp_fin_timeout="17")), *arguments).returncode == 0
    done = lastack("fleet", "rollout", str(plan_of(tmp_path, tcp_fin_timeout="18")), *arguments)
    assert done.returncode == 2
    assert "is of another plan or inventory" in done.stderr
