"""From runs to verdicts: an effect, perhaps one, or none, with the interval and in words."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from lastack.lab.experiment.metrics import counted, measure_of
from lastack.lab.experiment.run import Run
from lastack.lab.experiment.statistics import FAMILY_LEVEL, Difference, called, compare, compare_pooled, multiplier
from lastack.lab.experiment.wording import amount, sentence

__all__ = ["Block", "Finding", "judge"]

Block = Mapping[str, Run]  # arm to its run

Verdict = Literal["effect", "perhaps", "none"]


class Finding(Struct, frozen=True, kw_only=True):
    """What is known of one metric of one arm, against the baseline.

    Attributes:
        difference: the numbers.
        verdict: ``effect``; ``perhaps``: its own interval leaves no effect out, but among so many metrics chance may
            do that; ``none``.
        detectable: the least effect that would have been called, on the scale of the difference: 0.03 for 3%, or a
            number of whatever is counted.
        words: a sentence.
    """

    difference: Difference
    verdict: Verdict
    detectable: float
    words: str


def judge(
    blocks: Sequence[Block], baseline: str, arms: Sequence[str], towards: str = "", *, pooled: bool = False
) -> dict[str, dict[str, Finding]]:
    """Findings of each arm, by metric. Those that never moved are no tests, and those that were 0 are left out.

    Args:
        blocks: complete ones, at least one.
        baseline: name of the arm to compare with.
        arms: names of the others.
        towards: for the words of connections a second.
        pooled: take the spread from all arms together.
    """
    runs = [run for block in blocks for run in block.values()]
    names = sorted({name for run in runs for name in run.values})
    names = [name for name in names if counted(name) or all(name in run.values for run in runs)]
    values = {
        arm: {name: [block[arm].values.get(name, 0.0) for block in blocks] for name in names}
        for arm in (baseline, *arms)
    }
    moving = [name for name in names if len({number for arm in values for number in values[arm][name]}) > 1]
    still = {name: values[baseline][name][0] for name in names if name not in moving and values[baseline][name][0]}
    differences: dict[str, dict[str, Difference]] = {arm: {} for arm in arms}
    for name in moving:
        resolution = measure_of(name).resolution
        own = {arm: values[arm][name] for arm in arms}
        compared = (
            compare_pooled(values[baseline][name], own, resolution)
            if pooled
            else {arm: compare(values[baseline][name], changed, resolution) for arm, changed in own.items()}
        )
        for arm, one in compared.items():
            differences[arm][name] = one
    family = {f"{arm}\0{name}": one for arm, found in differences.items() for name, one in found.items()}
    effects = called(family)
    strictest = FAMILY_LEVEL / max(len(family), 1)
    same = {name: _unmoved(number, len(blocks) - 1) for name, number in still.items()}
    return {
        arm: {
            name: _finding(name, one, is_effect=f"{arm}\0{name}" in effects, level=strictest, towards=towards)
            for name, one in found.items()
        }
        | same
        for arm, found in differences.items()
    }


def _unmoved(number: float, freedom: int) -> Finding:
    """Of a metric that was the same in every run of every arm."""
    one = Difference(
        baseline=number, changed=number, scale="ratio", effect=1.0, ci95=(1.0, 1.0), p=1.0, error=0.0, freedom=freedom
    )
    return Finding(difference=one, verdict="none", detectable=0.0, words=f"no effect: {amount(number)} in every run")


def _finding(name: str, one: Difference, *, is_effect: bool, level: float, towards: str) -> Finding:
    neutral = 1.0 if one.scale == "ratio" else 0.0
    low, high = one.ci95 or (-math.inf, math.inf)
    verdict: Verdict = "effect" if is_effect else "none" if low <= neutral <= high or one.p >= 1 else "perhaps"
    reach = multiplier(one.freedom, level) * one.error if one.freedom else math.inf
    detectable = math.expm1(min(reach, 700.0)) if one.scale == "ratio" else reach
    return Finding(
        difference=one,
        verdict=verdict,
        detectable=detectable,
        words=sentence(measure_of(name, towards), one, verdict, detectable),
    )
