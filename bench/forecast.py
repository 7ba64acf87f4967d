"""The forecast of a day: a million hosts behind one NAT, with as many destinations as it takes."""

import json
import subprocess
import sys
from pathlib import Path

from bench.timing import Goal, Result, peak_kib, race

__all__ = ["million"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
_HOSTS, _PER_S, _DAY_S = 1_000_000, 0.05, 86_400
_GIB_IN_KIB = 1024 * 1024


def million(runs: int = 3) -> Result:
    """Whole processes, with a table that is full at the busiest hours, so that some connections fail."""
    load = f"--hosts {_HOSTS} --rate {_PER_S} --hold 5s --addresses 40 --conntrack 8000000".split()
    commands = {
        f"lastack forecast, {number:,} destinations": [_LASTACK, "forecast", *load, "--destinations", f"{number}"]
        for number in (100, 1000)
    }
    timings = race(commands, runs)
    peaks = {name: peak_kib(command) for name, command in commands.items()}
    large = list(commands)[-1]
    seconds, kib = timings[large].median_s, peaks[large]
    answer = json.loads(subprocess.run([*commands[large], "--json"], check=True, capture_output=True).stdout)
    expected = _HOSTS * _PER_S * _DAY_S
    goals = [
        Goal(f"a day of {_HOSTS:,} hosts: at most 10 s", f"{seconds:.1f} s", seconds <= 10),
        Goal("at most 1 GiB", f"{kib / _GIB_IN_KIB:.2f} GiB", kib <= _GIB_IN_KIB),
        Goal(
            "the connections that hosts times rate make, within a thousandth",
            f"{answer['tried'] / expected - 1:+.4%} of {expected:,.0f}",
            abs(answer["tried"] / expected - 1) <= 0.001,
        ),
    ]
    return Result(
        "The forecast of a day",
        f"{_HOSTS:,} hosts behind one NAT, {_PER_S:g} connections a second each; {runs} runs in turn. Peak memory: "
        + "; ".join(f"{name} {peak // 1024} MiB" for name, peak in peaks.items())
        + ".",
        timings,
        goals,
    )
