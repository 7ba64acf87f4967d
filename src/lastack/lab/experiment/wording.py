"""A difference in words: "5.1 times more connections a second to one destination [4.9, 5.3]"."""

import math

from lastack.lab.experiment.metrics import Measure
from lastack.lab.experiment.statistics import Difference

__all__ = ["amount", "sentence"]

_TIMES = 2.0  # from here on, "times" instead of per cent


def sentence(measure: Measure, one: Difference, verdict: str, detectable: float) -> str:
    """What was found, and how sure that is."""
    if verdict == "none":
        return f"no effect seen{_would_have_been(one, detectable)}"
    said = _said(measure, one)
    return said if verdict == "effect" else f"perhaps {said}, or chance: more runs would tell"


def amount(number: float) -> str:
    """A number as people write it: three digits, or whole thousands with commas."""
    if not math.isfinite(number):
        return "∞" if number > 0 else "-∞"
    if abs(number) >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.3g}"


def _would_have_been(one: Difference, detectable: float) -> str:
    if not one.freedom:
        return "; one run of each tells nothing"
    if one.scale == "ratio":
        size = f"{detectable:.0%}" if detectable >= 0.01 else f"{detectable:.1%}"
    else:
        size = amount(math.ceil(detectable))
    return f"; one larger than {size} would have been"


def _said(measure: Measure, one: Difference) -> str:
    more, fewer = measure.comparative
    low, high = one.ci95 or (-math.inf, math.inf)
    if one.scale == "difference":
        ends = sorted((abs(low), abs(high))) if low * high > 0 else (low, high)
        word = more if one.effect > 0 else fewer
        return f"{amount(abs(one.effect))} {word} {measure.noun} [{amount(ends[0])}, {amount(ends[1])}]"
    if one.effect >= _TIMES:
        return f"{_times(one.effect)} times {more} {measure.noun} [{_times(low)}, {_times(high)}]"
    if one.effect <= 1 / _TIMES:
        return f"{_times(1 / one.effect)} times {fewer} {measure.noun} [{_times(1 / high)}, {_times(1 / low)}]"
    percent = sorted(abs(end - 1) * 100 for end in (low, high))
    word = more if one.effect > 1 else fewer
    digits = ".0f" if abs(one.effect - 1) >= 0.1 else ".1f"
    return (
        f"{abs(one.effect - 1) * 100:{digits}}% {word} {measure.noun} [{percent[0]:{digits}}%, {percent[1]:{digits}}%]"
    )


def _times(number: float) -> str:
    return f"{number:.1f}" if number < 100 else amount(number)
