"""Which line of a recipe did it, at what price, and what does better: sentences from a stage's findings."""

from collections.abc import Iterator, Mapping

from lastack.errors import RefusedError
from lastack.lab.experiment.experiment import Result
from lastack.lab.experiment.judge import Finding
from lastack.lab.experiment.recipe import ALL, LINES, Stage, alone, without

__all__ = ["better", "credit"]

# What nobody wants more of.
_PRICES = ("failed", "resets", "counter.TcpExt.TCPTimeWaitOverflow")


def credit(stage: Stage, result: Result, missing: Mapping[str, RefusedError]) -> Iterator[str]:
    """What to conclude of one stage.

    Args:
        stage: which.
        result: what came of it.
        missing: lines that this kernel refuses.
    """
    headline = stage.workload.headline[0]
    findings = {arm: found[headline] for arm, found in result.findings.items() if headline in found}
    whole = findings.get(ALL)
    if whole is None or whole.verdict == "none":
        yield f"The recipe does nothing here{f': {whole.words}' if whole else ''}."
    else:
        yield f"The recipe: {whole.words}."
    present = [key for key in LINES if key not in missing]
    doers = [key for key in present if _does(findings.get(alone(key)))]
    for key in doers:
        needed = whole is not None and _does(whole) and not _does(findings.get(without(key)))
        rest = "all but it do nothing" if needed else "the others do it without it too"
        yield f"{_last(key)} does it alone: {findings[alone(key)].words}; {rest}."
    idle = [_last(key) for key in present if key not in doers]
    if idle:
        yield f"Alone without an effect: {', '.join(idle)}."
    if len(doers) > 1:
        yield "So none of those is needed where another is there."
    yield from _prices(result)


def _does(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict == "effect"


def _prices(result: Result) -> Iterator[str]:
    found = result.findings.get(ALL, {})
    for name in _PRICES:
        if _does(found.get(name)) and found[name].difference.changed > found[name].difference.baseline:
            yield f"The price: {found[name].words}."


def better(stage: Stage, result: Result) -> list[str]:
    """The arms in which no run ended with more TIME_WAIT than the article's, had a failed request or sent a reset."""
    limits = {"end.TIME_WAIT": stage.most_time_wait, "failed": 0, "resets": 0}
    if not set(limits) <= set(stage.columns) or not result.blocks:
        return []
    return [
        arm
        for arm in result.findings
        if all(block[arm].values[name] <= limit for block in result.blocks for name, limit in limits.items())
    ]


def _last(key: str) -> str:
    return key.rpartition(".")[2]
