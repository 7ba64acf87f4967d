"""Intervals and tests, against scipy's own and against arithmetic by hand."""

import math
import random

import pytest
from scipy import stats

from lastack.lab.experiment.statistics import FAMILY_LEVEL, Difference, called, compare, compare_pooled, multiplier

_BEFORE = [103.0, 98.0, 110.0, 95.0, 101.0]
_AFTER = [210.0, 190.0, 205.0, 199.0, 220.0]


def test_a_ratio_is_that_of_scipys_paired_test_of_logarithms() -> None:
    """Effect, interval and p value."""
    found = compare(_BEFORE, _AFTER, 0.1)
    reference = stats.ttest_rel([math.log(value) for value in _AFTER], [math.log(value) for value in _BEFORE])
    interval = reference.confidence_interval(0.95)
    assert found.scale == "ratio"
    assert found.p == pytest.approx(reference.pvalue)
    assert found.ci95 == pytest.approx((math.exp(interval.low), math.exp(interval.high)))
    assert found.effect == pytest.approx(stats.gmean(_AFTER) / stats.gmean(_BEFORE))


def test_where_zeros_are_it_is_a_difference() -> None:
    """That of scipy's paired test of the numbers."""
    before, after = [0.0, 2.0, 1.0, 0.0], [40.0, 44.0, 39.0, 47.0]
    found = compare(before, after, 1.0)
    reference = stats.ttest_rel(after, before)
    interval = reference.confidence_interval(0.95)
    assert found.scale == "difference"
    assert found.effect == pytest.approx(41.75)
    assert found.p == pytest.approx(reference.pvalue)
    assert found.ci95 == pytest.approx((interval.low, interval.high))


def test_pooled_it_is_the_error_of_two_way_analysis_of_variance() -> None:
    """By hand: the residuals of a table of 3 by 2 with means 2, 5, 0 are all 1/2 or less."""
    found = compare_pooled([1.0, 3.0], {"a": [4.0, 6.0], "b": [0.0, 0.0]}, 0.001)
    # Rows less their means: (-1, 1), (-1, 1), (0, 0); column means of these: -2/3, 2/3. Residuals: 1/3 and 2/3.
    squares = 4 * (1 / 3) ** 2 + 2 * (2 / 3) ** 2
    error = math.sqrt(2 * squares / 2 / 2)
    assert found["a"].error == pytest.approx(error)
    assert found["a"].effect == 3.0
    assert found["a"].p == pytest.approx(2 * stats.t.sf(3.0 / error, 2))
    assert found["b"].effect == -2.0


def test_pooled_intervals_hold_what_they_promise() -> None:
    """Of 1,000 simulated tables, 95% of the intervals have the true ratio in them."""
    chance = random.Random(1)  # noqa: S311 - noise, and to be repeatable
    inside = 0
    for _ in range(1000):
        rows = [[scale * math.exp(chance.gauss(0, 0.1)) for _ in range(2)] for scale in (100, 100, 300, 50, 100)]
        found = compare_pooled(rows[0], {"three": rows[2], "half": rows[3], "same": rows[4]}, 1e-9)["three"]
        low, high = found.ci95 or (0.0, 0.0)
        inside += low <= 3.0 <= high
    assert 0.93 <= inside / 1000 <= 0.97


def test_numbers_without_spread_are_no_more_certain_than_their_resolution() -> None:
    """Two counts of 1 and two of 2 are no effect; 0 and 20,087 are."""
    assert compare([1.0, 1.0], [2.0, 2.0], 1.0).p > FAMILY_LEVEL
    assert compare([0.0, 0.0], [20_087.0, 20_087.0], 1.0).p < 1e-4


def test_equal_numbers_are_no_effect() -> None:
    """However few they are."""
    assert compare([5.0] * 3, [5.0] * 3, 1.0).p == 1.0


def test_one_block_tells_nothing() -> None:
    """No interval, no p value."""
    found = compare([100.0], [200.0], 1.0)
    assert found.effect == pytest.approx(2.0)
    assert (found.ci95, found.p) == (None, 1.0)


def test_holms_procedure_step_by_step() -> None:
    """Of four tests at 0.02: limits 0.005, 0.00667, 0.01 and 0.02, until the first that fails."""
    found = {name: _with_p(p) for name, p in (("a", 0.004), ("b", 0.006), ("c", 0.011), ("d", 0.012))}
    assert called(found) == {"a", "b"}


def test_the_multiplier_is_students() -> None:
    """As in every table of the t distribution: 2.776 for 4 degrees of freedom at 5%."""
    assert multiplier(4, 0.05) == pytest.approx(2.776, abs=5e-4)


def _with_p(p: float) -> Difference:
    return Difference(baseline=1, changed=1, scale="ratio", effect=1, ci95=None, p=p, error=1, freedom=1)
