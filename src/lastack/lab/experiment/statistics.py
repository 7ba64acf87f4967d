"""What may be said of a difference: intervals, and when to call it an effect.

The design is one of randomised complete blocks: in each block every arm runs once, so what drifts on the machine
meets all arms alike, and a block's difference is free of it. The differences of the blocks are taken as a sample of a
normal distribution: of logarithms where a metric is above 0 throughout, so that an effect is a ratio, and of the
numbers themselves elsewhere. The interval is Student's t of the mean. An effect is called where the t test rejects
after Holm's correction (Holm 1979) for all metrics and arms of the experiment together, at ``FAMILY_LEVEL``: of a
hundred experiments without any effect, no more than that share may call one.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Literal

from msgspec import Struct

__all__ = ["FAMILY_LEVEL", "Difference", "Scale", "called", "compare", "multiplier"]

FAMILY_LEVEL = 0.02
_CONFIDENCE = 0.95
_RELATIVE_RESOLUTION = 0.002  # clocks and counters tell no ratio finer than this

Scale = Literal["ratio", "difference"]


class Difference(Struct, frozen=True, kw_only=True):
    """Of two arms in one metric.

    Attributes:
        baseline: mean without the change.
        changed: mean with it.
        scale: whether ``effect`` is changed / baseline or changed - baseline.
        effect: mean of the blocks: the geometric one for a ratio.
        ci95: its interval; None of less than two blocks.
        p: of the t test; 1 where the two never differ.
        error: standard error of ``effect`` (of its logarithm, for a ratio).
        blocks: how many.
    """

    baseline: float
    changed: float
    scale: Scale
    effect: float
    ci95: tuple[float, float] | None
    p: float
    error: float
    blocks: int


def compare(baseline: Sequence[float], changed: Sequence[float], resolution: float) -> Difference:
    """Compare two arms, block by block.

    Args:
        baseline: a number a block, at least one.
        changed: of the same blocks.
        resolution: the least difference that can be measured; no spread is taken to be smaller than half of it.
    """
    scale: Scale = "ratio" if min(*baseline, *changed) > 0 else "difference"
    pairs = list(zip(baseline, changed, strict=True))
    if scale == "ratio":
        deltas = [math.log(after / before) for before, after in pairs]
        finest = max(_RELATIVE_RESOLUTION, resolution / 2 / min(fmean(baseline), fmean(changed)))
    else:
        deltas = [after - before for before, after in pairs]
        finest = resolution / 2
    mean = fmean(deltas)
    blocks = len(deltas)
    error = max(stdev(deltas), finest) / math.sqrt(blocks) if blocks > 1 else math.inf
    half = multiplier(blocks, 1 - _CONFIDENCE) * error if blocks > 1 else math.inf
    ends = (_scaled(mean - half, scale), _scaled(mean + half, scale))
    return Difference(
        baseline=fmean(baseline),
        changed=fmean(changed),
        scale=scale,
        effect=_scaled(mean, scale),
        ci95=ends if blocks > 1 else None,
        p=_p_value(mean / error, blocks) if blocks > 1 and any(deltas) else 1.0,
        error=error,
        blocks=blocks,
    )


def called(differences: Mapping[str, Difference]) -> set[str]:
    """Those that may be called effects, by Holm's step-down procedure; keys are whatever tells them apart."""
    ordered = sorted(differences, key=lambda key: differences[key].p)
    found: set[str] = set()
    for at, key in enumerate(ordered):
        if differences[key].p > FAMILY_LEVEL / (len(ordered) - at):
            break
        found.add(key)
    return found


def multiplier(blocks: int, level: float) -> float:
    """By how many standard errors a mean of so many blocks must be off, for a two-sided test at ``level``."""
    from scipy.special import stdtrit  # noqa: PLC0415 - 0.2 s, and needed by experiments alone

    return float(stdtrit(blocks - 1, 1 - level / 2))


def _p_value(t: float, blocks: int) -> float:
    from scipy.special import stdtr  # noqa: PLC0415 - as above

    return 2 * float(stdtr(blocks - 1, -abs(t)))


def _scaled(number: float, scale: Scale) -> float:
    return math.exp(number) if scale == "ratio" else number
