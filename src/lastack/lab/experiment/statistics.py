"""What may be said of a difference: intervals, and when to call it an effect.

The design is one of randomised complete blocks: in each block every arm runs once, so what drifts on the machine
meets all arms alike, and a block's difference is free of it. The differences of the blocks are taken as a sample of a
normal distribution: of logarithms where a metric is above 0 throughout, so that an effect is a ratio, and of the
numbers themselves elsewhere. The interval is Student's t of the mean. Where many arms have few blocks, the spread is
taken from all arms together (the residuals of the design's analysis of variance), which has more degrees of freedom.

An effect is called where the t test rejects after Holm's correction (Holm 1979) for all metrics and arms of the
experiment together, at ``FAMILY_LEVEL``: of a hundred experiments without any effect, no more than that share may call
one.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any, Literal

from msgspec import Struct

from lastack.errors import RefusedError

__all__ = ["FAMILY_LEVEL", "Difference", "Scale", "called", "compare", "compare_pooled", "load_scipy", "multiplier"]

FAMILY_LEVEL = 0.02
_CONFIDENCE = 0.95
_RELATIVE_RESOLUTION = 0.002  # clocks and counters tell no ratio finer than this

_LARGEST_EXPONENT = 700.0  # e to that is still a float

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
        freedom: degrees of freedom of the error; 0: one block has none.
    """

    baseline: float
    changed: float
    scale: Scale
    effect: float
    ci95: tuple[float, float] | None
    p: float
    error: float
    freedom: int


def compare(baseline: Sequence[float], changed: Sequence[float], resolution: float) -> Difference:
    """Compare two arms, block by block.

    Args:
        baseline: a number a block, at least one.
        changed: of the same blocks.
        resolution: the least difference that can be measured; no spread is taken to be smaller than half of it.
    """
    scale: Scale = "ratio" if min(*baseline, *changed) > 0 else "difference"
    finest = _finest(scale, resolution, baseline, changed)
    deltas = _deltas(scale, baseline, changed)
    blocks = len(deltas)
    error = max(stdev(deltas), finest) / math.sqrt(blocks) if blocks > 1 else math.inf
    return _difference(scale, baseline, changed, error, blocks - 1)


def compare_pooled(
    baseline: Sequence[float], arms: Mapping[str, Sequence[float]], resolution: float
) -> dict[str, Difference]:
    """Compare every arm with the baseline, with one error for all: that of two-way analysis of variance.

    Args:
        baseline: a number a block, at least one.
        arms: numbers of the same blocks.
        resolution: as for ``compare``.
    """
    table = [baseline, *arms.values()]
    scale: Scale = "ratio" if min(min(row) for row in table) > 0 else "difference"
    transform: Callable[[float], float] = math.log if scale == "ratio" else float
    rows = [[transform(value) for value in row] for row in table]
    blocks = len(baseline)
    freedom = (len(rows) - 1) * (blocks - 1)
    whole = fmean(value for row in rows for value in row)
    columns = [fmean(column) for column in zip(*rows, strict=True)]
    squares = sum((value - fmean(row) - columns[at] + whole) ** 2 for row in rows for at, value in enumerate(row))
    differences = {}
    for name, changed in arms.items():
        finest = _finest(scale, resolution, baseline, changed)
        spread = max(math.sqrt(2 * squares / freedom), finest) if freedom else math.inf
        differences[name] = _difference(scale, baseline, changed, spread / math.sqrt(blocks), freedom)
    return differences


def _finest(scale: Scale, resolution: float, baseline: Sequence[float], changed: Sequence[float]) -> float:
    """The least spread of a difference that is believed."""
    if scale == "difference":
        return resolution / 2
    return max(_RELATIVE_RESOLUTION, resolution / 2 / min(fmean(baseline), fmean(changed)))


def _deltas(scale: Scale, baseline: Sequence[float], changed: Sequence[float]) -> list[float]:
    pairs = zip(baseline, changed, strict=True)
    if scale == "ratio":
        return [math.log(after / before) for before, after in pairs]
    return [after - before for before, after in pairs]


def _difference(
    scale: Scale, baseline: Sequence[float], changed: Sequence[float], error: float, freedom: int
) -> Difference:
    deltas = _deltas(scale, baseline, changed)
    mean = fmean(deltas)
    half = multiplier(freedom, 1 - _CONFIDENCE) * error if freedom else math.inf
    return Difference(
        baseline=fmean(baseline),
        changed=fmean(changed),
        scale=scale,
        effect=_scaled(mean, scale),
        ci95=(_scaled(mean - half, scale), _scaled(mean + half, scale)) if freedom else None,
        p=_p_value(mean / error, freedom) if freedom and any(deltas) else 1.0,
        error=error,
        freedom=freedom,
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


def load_scipy() -> Any:  # noqa: ANN401 - scipy has no types
    """Its ``special`` module. Raises RefusedError: ``no-scipy``."""
    try:
        from scipy import special  # noqa: PLC0415 - 0.2 s, and needed by experiments alone
    except ImportError:
        raise RefusedError("no-scipy", "experiments need scipy", 'pip install "lastack[lab,proof]"') from None
    return special


def multiplier(freedom: int, level: float) -> float:
    """By how many standard errors a mean must be off to fail a two-sided t test at ``level``."""
    return float(load_scipy().stdtrit(freedom, 1 - level / 2))


def _p_value(t: float, freedom: int) -> float:
    return 2 * float(load_scipy().stdtr(freedom, -abs(t)))


def _scaled(number: float, scale: Scale) -> float:
    return math.exp(min(number, _LARGEST_EXPONENT)) if scale == "ratio" else number
