"""The file that a rollout goes on from."""

import subprocess
import sys
from pathlib import Path

import pytest

from lastack.errors import InputError, RefusedError
from lastack.fleet.rollout_state import HostState, Rollout, load, locked, save
from lastack.plan.health import Reading


def _rollout() -> Rollout:
    return Rollout(
        settings={"net.ipv4.tcp_fin_timeout": "17"},
        inventory="hosts",
        mark="0123456789abcdef",
        stages=[["h0"], ["h1", "h2"]],
        stage=1,
        phase="watching",
        hosts={
            "h0": HostState("kept", {"net.ipv4.tcp_fin_timeout": "60"}),
            "h1": HostState("changed", {"net.ipv4.tcp_fin_timeout": "60"}),
            "h2": HostState("unreachable", {}, "no route"),
        },
        baseline={"h1": [Reading(1.5, {"Tcp": {"OutRsts": 3}})]},
        sick={"10.0.0.1": {"accept-queue": "critical"}, "10.0.0.2": {}},
    )


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    """Readings and all; and nothing else is left beside it."""
    save(f"{tmp_path}/state", _rollout())
    assert load(f"{tmp_path}/state") == _rollout()
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_hosts_at_work() -> None:
    """Of the stage, those that are not out of it."""
    assert _rollout().at_work() == ["h1"]
    assert _rollout().of_status("kept", "unreachable") == ["h0", "h2"]


def test_there_is_none(tmp_path: Path) -> None:
    """None."""
    assert load(f"{tmp_path}/state") is None


@pytest.mark.parametrize("content", ["", "{}", '{"schema": "lastack.rollout/2"}', "[]"])
def test_what_is_no_state(tmp_path: Path, content: str) -> None:
    """An error that names the file."""
    (tmp_path / "state").write_text(content)
    with pytest.raises(InputError) as caught:
        load(f"{tmp_path}/state")
    assert caught.value.slug == "rollout-damaged"
    assert str(tmp_path) in caught.value.message


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    """The change that it was to tell of is not made then."""
    with pytest.raises(InputError) as caught:
        save(f"{tmp_path}/none/state", _rollout())
    assert caught.value.slug == "cannot-write"


def test_one_controller_at_a_time(tmp_path: Path) -> None:
    """Another process is refused while the lock is held, and not afterwards."""
    program = f"from lastack.fleet.rollout_state import locked\nwith locked({str(tmp_path / 'state')!r}): pass"
    command = [sys.executable, "-c", program]
    with locked(f"{tmp_path}/state"):
        assert b"another controller is at work" in subprocess.run(command, capture_output=True, check=False).stderr
        with pytest.raises(RefusedError), locked(f"{tmp_path}/state"):
            pass
    assert subprocess.run(command, check=False).returncode == 0
