"""lastack lab try, as a user runs it."""

import json
import os
import pty
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.labs_of import living, read_until, started
from tests.cli.running import lastack
from tests.kernel.private import unavailable

_TOML = """
[tiny]
like = "server-closes-first"
about = "A few connections."
knobs = { requests = 50, peer_close_delay_s = 0 }

[refused]
like = "one-destination"
about = "A destination to which no connection can be made in one arm."
knobs = { requests = 50, seconds = 1 }
"""


@pytest.fixture
def workloads(tmp_path: Path) -> str:
    """A file of workloads."""
    file = tmp_path / "own.toml"
    file.write_text(_TOML)
    return str(file)


def _json(*arguments: str) -> dict[str, Any]:
    done = lastack("lab", "try", *arguments, "--json")
    if done.returncode == 3 and "namespace" in done.stderr:
        unavailable(done.stderr)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_document_has_the_keys_that_others_read(workloads: str) -> None:
    """Schema, change, workload, runs, and for each metric baseline, changed, effect and its interval."""
    document = _json("tcp_max_tw_buckets=10", "--workload", f"{workloads}:tiny", "--runs", "2")
    assert document["schema"] == "lastack.try/1"
    assert document["change"] == {"net.ipv4.tcp_max_tw_buckets": "10"}
    assert (document["workload"], document["runs"]) == ("tiny", 2)
    metric = document["metrics"]["end.TIME_WAIT"]
    assert (metric["baseline"], metric["changed"]) == (50.0, 10.0)
    assert metric["effect"] == pytest.approx(0.2)
    low, high = metric["ci95"]
    assert low <= 0.2 <= high


def test_arms_are_compared_side_by_side(workloads: str) -> None:
    """Settings and knobs alike, each against the same baseline."""
    document = _json(
        "tcp_max_tw_buckets=10", "--arm", "keepalive=10,rate=none", "--workload", f"{workloads}:tiny", "--runs", "2"
    )
    arms = {arm["name"]: arm for arm in document["arms"]}
    assert list(arms) == ["baseline", "tcp_max_tw_buckets=10", "keepalive=10, rate=none"]
    assert arms["baseline"]["values"]["end.TIME_WAIT"] == [50.0, 50.0]
    assert arms["keepalive=10, rate=none"]["values"]["end.TIME_WAIT"] == [5.0, 5.0]


def test_an_arm_that_breaks_everything_is_a_result(workloads: str) -> None:
    """No local port at all: every connect() fails, and that is what it says."""
    document = _json("ip_local_reserved_ports=40000-41999", "--workload", f"{workloads}:refused", "--runs", "3")
    (_, change) = document["arms"]
    assert change["values"]["answered"] == [0.0] * 3
    assert change["values"]["failed.EADDRNOTAVAIL"] == [50.0] * 3
    assert document["metrics"]["failed.EADDRNOTAVAIL"]["verdict"] == "effect"


def test_it_says_in_words_what_it_found_and_writes_a_report(workloads: str, tmp_path: Path) -> None:
    """With baseline, changed, effect and interval in a table."""
    report = tmp_path / "report.html"
    done = lastack(
        "lab", "try", "tcp_max_tw_buckets=10", "--workload", f"{workloads}:tiny", "--runs", "2", "-o", str(report)
    )
    if done.returncode == 3:
        unavailable(done.stderr)
    assert done.returncode == 0, done.stderr
    assert "2 runs of each after a warm-up, in random order" in done.stdout
    assert re.search(r"5\.0 times fewer TIME_WAIT at the end \[\d", done.stdout)
    assert re.search(r"end\.TIME_WAIT +50 +10 +x 0\.20 +\[0\.\d\d, 0\.\d\d\]", done.stdout)
    assert report.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "say what to try"),
        (("nonsense=1",), 2, "'nonsense' is neither a setting nor a knob"),
        (("tcp_tw_reuse=1", "--workload", "no-such"), 2, "there is no workload 'no-such'"),
        (("tcp_tw_reuse=1", "--workload", "no-such.toml"), 2, "no-such.toml: No such file or directory"),
        (("tcp_tw_reuse=1", "--arm", "tcp_tw_reuse=1"), 2, "two arms are the same"),
        (("tcp_tw_reuse=1", "--runs", "0"), 2, "--runs takes a number from 1"),
        (("idle_s=1",), 2, "idle_s turns nothing in a workload of kind visitors"),
        (("tcp_tw_recycle=1",), 3, "has no net.ipv4.tcp_tw_recycle"),
        (("tcp_tw_reuse=9",), 3, "the kernel refuses net.ipv4.tcp_tw_reuse = 9"),
    ],
)
def test_what_cannot_be_tried_is_said_at_once(arguments: tuple[str, ...], code: int, message: str) -> None:
    """Before the first run."""
    done = lastack("lab", "try", *arguments)
    if done.returncode == 3 and "private" in done.stderr:
        unavailable(done.stderr)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr


def test_workloads_and_knobs_are_listed() -> None:
    """All of them, with what they are."""
    done = lastack("lab", "try", "--list-workloads")
    assert done.returncode == 0
    for name in ("server-closes-first (visitors)", "nginx (nginx)", "upstream_keepalive: "):
        assert name in done.stdout


def test_interrupted_it_keeps_what_it_has_and_leaves_nothing(workloads: str) -> None:
    """Ctrl-C in its third run, to all of its processes: two runs, marked; exit 130; no process of a lab is left."""
    arguments = ("tcp_max_tw_buckets=10", "--workload", f"{workloads}:tiny", "--runs", "500", "--json")
    terminal, far = pty.openpty()
    process = started("lab", "try", *arguments, stderr=far)
    os.close(far)
    shown = read_until(terminal, b"run 3 of 500")
    if process.poll() == 3:
        unavailable(shown.decode())
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    os.close(terminal)
    assert process.returncode == 130, shown
    document = json.loads(printed)
    assert document["interrupted"] is True
    assert document["runs"] >= 2
    assert document["metrics"]["end.TIME_WAIT"]["changed"] == 10.0
    assert living(process.pid) == []


def test_on_a_terminal_it_tells_how_much_time_is_left(workloads: str) -> None:
    """On stderr, a line that is erased in the end."""
    command = [sys.executable, "-m", "lastack", "lab", "try", "tcp_max_tw_buckets=10"]
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], [*command, "--workload", f"{workloads}:tiny", "--runs", "1"])  # noqa: S606 - no shell
    shown = read_until(terminal, None)
    os.waitpid(child, 0)
    if b"namespace" in shown:
        unavailable(shown.decode())
    assert b"lastack: warm-up: baseline" in shown
    assert re.search(rb"lastack: run 1 of 1: \S+, \d+ s left at most", shown)


def test_a_snapshot_gives_rate_and_closers(tmp_path: Path) -> None:
    """600 TIME_WAIT of a listener are 10 closes a second, by a server that closes first."""
    sample = {
        "schema": "lastack.sample/1",
        "taken_at": "2026-01-01T00:00:00Z",
        "uptime_s": 1.0,
        "host": "web1",
        "kernel": "6.18.0",
        "netns": "net:[1]",
        "source": "sock_diag",
        "cohorts": [{"state": "TIME_WAIT", "family": 4, "count": 600, "role": "passive", "local_port": 80}],
        "listeners": [],
        "settings": {"net.ipv4.tcp_fin_timeout": "33"},
    }
    file = tmp_path / "web1.json"
    file.write_text(json.dumps(sample))
    document = _json("tcp_max_tw_buckets=10", "--from", str(file), "--runs", "1")
    assert document["about"] == "A server that closes first: 10 connections a second, as in the snapshot of web1."
    assert document["settings"] == {"net.ipv4.tcp_fin_timeout": "33"}
    assert document["arms"][0]["values"]["end.TIME_WAIT"] == [40.0]
