"""Settings: a long file judged, and twenty settings changed and given back."""

import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.tune.kills import SETTINGS

from bench.timing import Goal, Result, Timing, race
from lastack.lab import Lab

__all__ = ["changes", "lint"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
_LINES = 1_000
_LINT_MS = 150
_CHANGE_MS = 100

# What people paste: right, wrong, misspelt, commented, again and again.
_PASTED = (
    "net.ipv4.tcp_syncookies = 1",
    "net.ipv4.tcp_tw_recycle = 1",
    "net.ipv4.tcp_max_tw_bucket = 5000",
    "-net/ipv4/tcp_fin_timeout=90",
    "# net.core.somaxconn = 65535",
    "net.ipv4.ip_local_port_range = 1024 65000",
    "net.core.rmem_defualt 8388608",
    "vm.swappiness = 10",
)


def lint(runs: int = 15) -> Result:
    """A thousand lines through ``lastack lint``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "99-pasted.conf")
        file.write_text("\n".join(_PASTED[number % len(_PASTED)] for number in range(_LINES)) + "\n")
        bare, ours = "python -c pass", f"lastack lint, {_LINES:,} lines"
        shell = f"{_LASTACK} lint {file} || test $? = 1"  # 1: some line must not stay as it is
        timings = race({bare: [sys.executable, "-c", "pass"], ours: ["sh", "-c", shell]}, runs)
    took = timings[ours].median_s * 1000
    goal = Goal(f"{ours}: at most {_LINT_MS} ms, whole process", f"{took:.1f} ms", took <= _LINT_MS)
    return Result("Linting", f"{runs} runs in turn.", timings, [goal])


def changes(runs: int = 11) -> Result:
    """Twenty settings applied, with their journal, and rolled back."""
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        timings = lab.server.call(partial(_change_and_undo, folder, runs))
    start_up, apply, undo = timings.values()
    goals = [_over(start_up, apply, "lastack apply"), _over(start_up, undo, "lastack rollback")]
    remarks = f"{len(SETTINGS)} settings in a private namespace, each read back; {runs} runs in turn."
    return Result("Changing settings", remarks, timings, goals)


def _change_and_undo(folder: str, runs: int) -> dict[str, Timing]:
    plan, state = f"{folder}/plan.toml", f"--state={folder}/state"
    wishes = [f"--set={key}={values[0]}" for key, values in SETTINGS.items()]
    race({"plan": [_LASTACK, "plan", "-o", plan, *wishes]}, 1)
    return race(
        {
            "lastack apply --help": [_LASTACK, "apply", "--help"],
            "lastack apply": [_LASTACK, "apply", plan, "--yes", state],
            "lastack rollback": [_LASTACK, "rollback", "--yes", state],
        },
        runs,
    )


def _over(start_up: Timing, timing: Timing, what: str) -> Goal:
    over = (timing.median_s - start_up.median_s) * 1000
    measured = f"{over:.1f} ms"
    return Goal(
        f"`{what}` of {len(SETTINGS)} settings: at most {_CHANGE_MS} ms over start-up", measured, over <= _CHANGE_MS
    )
