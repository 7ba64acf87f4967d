"""Whether two counts differ by more than chance: counts of independent events scatter like Poisson's.

The difference of the square roots of two counts has a spread that does not hang on their size, so one yardstick serves
2 and 200,000 (Gu, Ng, Tang and Schucany, Testing the ratio of two Poisson rates, Biometrical Journal 50, 2008). Real
arrivals come in bursts and scatter more than that: ``dispersion`` says by how much, and widens the yardstick.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, sqrt
from statistics import fmean

__all__ = ["CHANCE", "deviations", "dispersion"]

# Standard deviations: chance alone goes so far once in 370 comparisons.
CHANCE = 3

_ANSCOMBE = 3 / 8
_KEPT = 0.75
_MEAN_OF_KEPT = 0.369  # of the squares of a standard normal variable, the largest quarter left out


def deviations(before: float, after: float, *, longer: float = 1.0, spread: float = 1.0) -> float:
    """By how many standard deviations ``after`` lies above ``before``, were both of one rate.

    Args:
        before: events, or sockets.
        after: as ``before``.
        longer: how many times as long the second was counted as the first.
        spread: variance over mean, from ``dispersion``.

    >>> round(deviations(100, 142), 1), round(deviations(100, 100), 1), round(deviations(100, 1000, longer=10.0), 1)
    (2.7, 0.0, -0.1)
    """
    difference = sqrt(after + _ANSCOMBE) - sqrt(longer * (before + _ANSCOMBE))
    return 2 * difference / sqrt((1 + longer) * spread)


def dispersion(counts: Sequence[int]) -> float:
    """Variance over mean of events a second, at least 1, which is Poisson's.

    Made from the steps between one second and the next, so that a trend does not count; the largest quarter of them is
    left out, so that one burst does not.

    >>> dispersion([5, 5, 5, 5]), dispersion([40, 0, 0, 0] * 15) > 20
    (1.0, True)
    """
    mean = fmean(counts) if counts else 0.0
    if not mean or len(counts) < 2:
        return 1.0
    steps = sorted((after - before) ** 2 for before, after in pairwise(counts))
    variance = fmean(steps[: ceil(_KEPT * len(steps))]) / (2 * _MEAN_OF_KEPT)
    return max(variance / mean, 1.0)
