"""The deadline as a transient timer, beside a systemd that really runs."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from lastack.tune import timer
from tests.tune.private_systemd import System, booted

_SOURCE = Path(__file__).parents[2] / "src"
_KEY = "/proc/sys/net/ipv4/tcp_fin_timeout"


def _lastack(system: System, *arguments: str) -> str:
    path = f"PYTHONPATH={os.environ.get('PYTHONPATH', '')}:{_SOURCE}"
    done = system.run("env", path, sys.executable, "-m", "lastack", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _value(system: System) -> str:
    return system.run("cat", _KEY).stdout.strip()


def _timers(system: System) -> str:
    return system.run("systemctl", "list-timers", "lastack*", "--no-legend").stdout.strip()


def test_it_undoes_what_the_dead_supervisor_cannot() -> None:
    """The supervisor is killed; systemd rolls back at the deadline. A confirmation takes the timer away."""
    with booted() as system:
        _lastack(system, "plan", "--set", "net.ipv4.tcp_fin_timeout=31", "-o", "/run/plan")
        _lastack(system, "apply", "/run/plan", "--yes", "--confirm-within=2s", "--baseline=0")
        assert _value(system) == "31"
        assert "lastack-1-" in _timers(system)
        assert system.run("pkill", "-KILL", "lastack-confir").returncode == 0
        until = time.monotonic() + 20
        while _value(system) != "60" and time.monotonic() < until:
            time.sleep(0.1)
        assert _value(system) == "60"
        change = json.loads(_lastack(system, "journal", "--json"))
        assert (change["state"], change["undoing"]["why"]) == ("undone", "it was not confirmed in time")

        _lastack(system, "apply", "/run/plan", "--yes", "--confirm-within=1h", "--baseline=0", "--persist")
        assert "lastack-2-" in _timers(system)
        assert system.run("ls", "/etc/sysctl.d").stdout == ""
        _lastack(system, "confirm")
        assert _timers(system) == ""
        assert "net.ipv4.tcp_fin_timeout = 31\n" in system.run("cat", "/etc/sysctl.d/99-lastack.conf").stdout
        assert _value(system) == "31"


def test_it_is_not_asked_for_where_systemd_does_not_run(tmp_path: Path) -> None:
    """Without the folder that sd_booted(3) looks for there is no systemd to ask."""
    assert not timer.reachable(str(tmp_path / "absent"))


def test_a_systemd_of_another_mount_namespace_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would not find this journal, or find another one."""
    monkeypatch.setattr(timer, "_OF_INIT", str(tmp_path))
    assert not timer.reachable(str(tmp_path))
