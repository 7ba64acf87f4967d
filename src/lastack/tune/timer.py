"""The deadline as a transient timer of systemd, where systemd runs: it outlives even our supervisor."""

import os
import subprocess
import sys
from pathlib import Path

from lastack.tune.change import Change

__all__ = ["arm", "disarm", "reachable"]

_PATIENCE_S = 10
_LATER_S = 2  # the supervisor comes first, if it lives
_OF_INIT = "/proc/1/ns"


def reachable(booted: str = "/run/systemd/system") -> bool:
    """Whether systemd runs this machine (sd_booted(3)), and sees the files and processes that we see."""
    if os.geteuid() != 0 or not Path(booted).is_dir():
        return False
    try:
        return all(Path(_OF_INIT, kind).samefile(Path("/proc/self/ns", kind)) for kind in ("mnt", "user"))
    except OSError:
        return False


def arm(change: Change, journal: str) -> str:
    """Have systemd roll the change back at its deadline, unless it is confirmed by then.

    Gives what went wrong; empty: nothing.
    """
    assert change.begun.deadline is not None
    return _ask(
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit={_unit(change)}",
        f"--description=undoes change {change.id} of lastack unless it is confirmed",
        f"--on-active={change.begun.deadline.within_s + _LATER_S:.3f}s",
        "--timer-property=AccuracySec=100ms",
        f"--setenv=PYTHONPATH={':'.join(map(os.path.abspath, filter(None, sys.path)))}",
        *(sys.executable, "-m", "lastack", "rollback", str(change.id), "--yes", f"--state={journal}"),
        f"--unless-confirmed={change.begun.token}",
    )


def disarm(change: Change) -> None:
    """Let systemd forget it."""
    if change.begun.deadline and reachable():
        _ask("systemctl", "stop", f"{_unit(change)}.timer")


def _unit(change: Change) -> str:
    return f"lastack-{change.id}-{change.begun.token}"


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""
