"""The doctor beside the full census: half a million sockets, and an idle host."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.timing import Goal, Result, Timing, race
from lastack.lab import Cohort, Lab

__all__ = ["busy", "idle"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
_DOCTOR, _CENSUS, _BARE = "lastack doctor", "lastack census", "python -c pass"
_COMMANDS = {_CENSUS: [_LASTACK, "census"], _DOCTOR: [_LASTACK, "doctor"]}


def busy(sockets: int = 500_000, runs: int = 7) -> Result:
    """Half a million TIME_WAIT of a server; all rules, processes looked up."""
    timings = _timed([Cohort("TIME_WAIT", sockets)], _COMMANDS, runs)
    ratio = timings[_DOCTOR].median_s / timings[_CENSUS].median_s
    return Result(
        f"The doctor on {sockets:,} sockets",
        f"One namespace, server side of short connections; {runs} runs in turn.",
        timings,
        [Goal("`doctor`: at most 1.5 times the full `census`", f"{ratio:.2f} times", ratio <= 1.5)],
    )


def idle(runs: int = 31) -> Result:
    """What the doctor costs where there is nothing to find: start-up, reading, all rules, the letter."""
    commands = {_BARE: [sys.executable, "-c", "pass"], **_COMMANDS}
    timings = _timed([], commands, runs)
    whole = timings[_DOCTOR].median_s * 1000
    goal = Goal("`doctor` on an idle host: at most 250 ms, the whole process", f"{whole:.0f} ms", whole <= 250)
    return Result("The doctor on an idle host", f"An idle namespace; {runs} runs in turn.", timings, [goal])


def _timed(cohorts: list[Cohort], commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Timing]:
    with Lab() as lab:
        lab.populate(cohorts)
        return lab.server.call(partial(race, commands, runs))
