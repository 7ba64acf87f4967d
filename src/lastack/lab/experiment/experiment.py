"""An experiment: blocks of runs in random order, until the answer is sharp enough or enough runs are done."""

import random
from collections.abc import Callable, Sequence

from msgspec import Struct, field

from lastack.lab.experiment.arm import Arm
from lastack.lab.experiment.judge import Block, Finding, judge
from lastack.lab.experiment.run import Run
from lastack.lab.experiment.statistics import load_scipy

__all__ = ["LEAST_BLOCKS", "Experiment", "Result", "Step", "conduct"]

LEAST_BLOCKS = 5
_SHARP = 0.03  # half the interval of a ratio, or of a difference as a share of what it is a difference of


class Step(Struct, frozen=True, kw_only=True):
    """How far an experiment is: for a progress line."""

    block: int
    blocks: int
    arm: str
    done: int
    total: int


class Experiment(Struct, frozen=True, kw_only=True):
    """What is to be done.

    Attributes:
        arms: the first is the baseline.
        headline: metrics; it ends early when the interval of the first is sharp in every arm.
        blocks: runs of each arm, at most.
        towards: see ``Workload``.
        seed: of the order in a block.
        pooled: whether the spread is taken from all arms together.
    """

    arms: Sequence[Arm]
    headline: Sequence[str]
    blocks: int
    towards: str = ""
    seed: int = 0
    pooled: bool = False


class Result(Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        blocks: the complete blocks; the warm-up is not among them.
        findings: arm to metric to finding; empty where no block was completed.
        interrupted: whether it was, before its end.
        warnings: what a reader of the numbers must know.
    """

    blocks: Sequence[Block]
    findings: dict[str, dict[str, Finding]]
    interrupted: bool = False
    warnings: list[str] = field(default_factory=list)


def conduct(
    experiment: Experiment,
    run: Callable[[Arm], Run],
    progress: Callable[[Step], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Result:
    """Do an experiment. A run of the baseline comes first, as a warm-up, and is dropped.

    KeyboardInterrupt ends it early: what is complete by then is judged.

    Args:
        experiment: what to do.
        run: runs an arm once.
        progress: told before each run.
        stopped: asked before each run whether to end as if interrupted.

    Raises:
        RefusedError: ``no-scipy``, and what ``run`` raises.
    """
    load_scipy()  # rather than find at the end that it is missing
    baseline, *others = [arm.name for arm in experiment.arms]
    order = random.Random(experiment.seed)  # noqa: S311 - the order of runs, and to be repeatable
    total = experiment.blocks * len(experiment.arms) + 1
    blocks: list[Block] = []
    interrupted = False
    try:
        progress(Step(block=0, blocks=experiment.blocks, arm=baseline, done=0, total=total))
        run(experiment.arms[0])
        while len(blocks) < experiment.blocks and not _is_sharp(experiment, blocks):
            block: dict[str, Run] = {}
            for arm in order.sample(list(experiment.arms), len(experiment.arms)):
                done = len(blocks) * len(experiment.arms) + len(block) + 1
                number = len(blocks) + 1
                progress(Step(block=number, blocks=experiment.blocks, arm=arm.name, done=done, total=total))
                _go_on_unless(stopped)
                block[arm.name] = run(arm)
            blocks.append(block)
    except KeyboardInterrupt:
        interrupted = True
    return Result(
        blocks=blocks,
        findings=judge(blocks, baseline, others, experiment.towards, pooled=experiment.pooled) if blocks else {},
        interrupted=interrupted,
        warnings=_warnings(blocks),
    )


def _go_on_unless(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise KeyboardInterrupt


def _is_sharp(experiment: Experiment, blocks: Sequence[Block]) -> bool:
    """Whether the first headline metric needs no more runs, in any arm."""
    if len(blocks) < LEAST_BLOCKS:
        return False
    baseline, *others = [arm.name for arm in experiment.arms]
    findings = judge(blocks, baseline, others, pooled=experiment.pooled)
    headline = experiment.headline[0]
    return all(_width(found[headline]) <= _SHARP if headline in found else True for found in findings.values())


def _width(finding: Finding) -> float:
    """Half the interval, relative to what it is about."""
    one = finding.difference
    low, high = one.ci95 or (0.0, float("inf"))
    scale = one.effect if one.scale == "ratio" else max(abs(one.baseline), abs(one.changed))
    return (high - low) / 2 / scale if scale else 0.0


def _warnings(blocks: Sequence[Block]) -> list[str]:
    runs = [run for block in blocks for run in block.values()]
    warnings = []
    for arm in dict.fromkeys(run.arm for run in runs):
        own = [run for run in runs if run.arm == arm]
        behind = sum(run.behind for run in own)
        if behind:
            warnings.append(
                f"{behind} of {len(own)} runs of {arm} fell short of their rate by more than a tenth: "
                "this machine is too slow or too busy for the load, or the load waits for the host"
            )
    return warnings
