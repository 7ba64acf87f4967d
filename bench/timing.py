"""Timing whole processes in turn, and judging ratios of their medians."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["Goal", "Result", "Timing", "installed", "peak_kib", "race", "table"]


# As users have it: modules are compiled once, not in each run.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Timing(NamedTuple):
    """Runs of one command.

    Attributes:
        seconds: wall time of each run.
    """

    seconds: list[float]

    @property
    def median_s(self) -> float:
        """The middle run."""
        return statistics.median(self.seconds)


class Goal(NamedTuple):
    """Something that must hold: what, what was measured in words, and whether it does."""

    what: str
    measured: str
    met: bool


class Result(NamedTuple):
    """One benchmark: a heading, remarks, timings by name, and its goals."""

    heading: str
    remarks: str
    timings: Mapping[str, Timing]
    goals: Sequence[Goal]


def installed(commands: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Those whose program is there."""
    return {name: command for name, command in commands.items() if shutil.which(command[0])}


# The kernel counts what a process had before exec(), which is its parent's: so by a parent that is small.
_WEIGH = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
print(os.wait4(pid, 0)[2].ru_maxrss)
"""


def peak_kib(command: Sequence[str]) -> int:
    """The most memory that a run of a command had resident."""
    done = subprocess.run(
        [sys.executable, "-SE", "-c", _WEIGH, *command], stdout=subprocess.PIPE, text=True, check=True
    )
    return int(done.stdout)


def race(
    commands: Mapping[str, Sequence[str]], runs: int, *, each: Callable[[str], None] = lambda _: None
) -> dict[str, Timing]:
    """Run every command ``runs`` times, in turn, so that what disturbs the machine disturbs all alike.

    Raises:
        CalledProcessError: a command failed.
    """
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            each(name)
            begin = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, env=_ENVIRONMENT, check=True)
            seconds[name].append(time.perf_counter() - begin)
    return {name: Timing(seconds[name]) for name in commands}


def table(result: Result) -> str:
    """The benchmark as Markdown."""
    if not result.timings:
        return f"## {result.heading}\n\n{result.remarks}"
    slowest = max(timing.median_s for timing in result.timings.values())
    lines = [
        f"## {result.heading}",
        "",
        result.remarks,
        "",
        "| command | median | best | times as fast as the slowest |",
    ]
    lines += ["| --- | ---: | ---: | ---: |"]
    for name, timing in result.timings.items():
        median, best = timing.median_s * 1000, min(timing.seconds) * 1000
        lines.append(f"| {name} | {median:,.1f} ms | {best:,.1f} ms | {slowest / timing.median_s:.1f} |")
    if result.goals:
        lines += ["", "| goal | measured | |", "| --- | --- | --- |"]
        lines += [
            f"| {goal.what} | {goal.measured} | {'met' if goal.met else '**not met**'} |" for goal in result.goals
        ]
    return "\n".join(lines)
