"""The article's load with a remedy that is no sysctl: its 682 TIME_WAIT, at no price."""

from bench.timing import Goal, Result, Timing
from lastack.lab.experiment.arm import BASELINE, Arm
from lastack.lab.experiment.recipe import ARTICLE_TIME_WAIT, LINES, STAGES
from lastack.lab.experiment.run import Run, perform

__all__ = ["remedy"]

_RUNS = 3


def remedy() -> Result:
    """The web server's 25,087 requests: as they are, with the lines of the recipe that there are, with keep-alive."""
    stage = STAGES[0]
    lines = {key: value for key, value in LINES.items() if key != "net.ipv4.tcp_tw_recycle"}
    arms = (BASELINE, Arm(name="the recipe", settings=lines), stage.remedies[0])
    runs = {arm.name: [perform(arm.name, arm.applied_to(stage.workload)) for _ in range(_RUNS)] for arm in arms}
    kept = runs[stage.remedies[0].name]
    best = max(_number(run, "end.TIME_WAIT") for run in kept)
    price = sum(_number(run, "failed") + _number(run, "resets") for run in kept)
    recipe = runs["the recipe"]
    return Result(
        "The article's load, 25,087 requests",
        "Seconds from the first connect() to the last answer, in the lab.",
        {name: Timing([25_087 / run.values["answered_per_s"] for run in own]) for name, own in runs.items()},
        (
            Goal(
                f"{stage.remedies[0].name}: at most {ARTICLE_TIME_WAIT} TIME_WAIT, nothing failed, no reset",
                f"{best:,} TIME_WAIT, {price:,} failures and resets; the recipe: "
                f"{_number(recipe[0], 'end.TIME_WAIT'):,} TIME_WAIT, {_number(recipe[0], 'resets'):,} resets",
                best <= ARTICLE_TIME_WAIT and not price,
            ),
        ),
    )


def _number(run: Run, name: str) -> int:
    return round(run.values.get(name, 0))
