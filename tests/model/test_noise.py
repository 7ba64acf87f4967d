"""What counts as chance: against the Poisson distribution itself."""

import random

import pytest

from lastack.model.noise import CHANCE, deviations, dispersion


def poisson(chance: random.Random, mean: float) -> int:
    """A draw: arrivals of rate one in that time (independent of the formula under test)."""
    count, at = 0, chance.expovariate(1)
    while at < mean:
        count += 1
        at += chance.expovariate(1)
    return count


@pytest.mark.parametrize("mean", [2, 30, 400])
@pytest.mark.parametrize("longer", [1.0, 6.0])
def test_chance_alone_seldom_reaches_the_mark(mean: int, longer: float) -> None:
    """Two counts of one rate are three deviations apart in about one of 370 pairs, whatever their size and times."""
    chance = random.Random(7)  # noqa: S311 - a simulation
    pairs = 3000
    beyond = sum(
        abs(deviations(poisson(chance, mean), poisson(chance, mean * longer), longer=longer)) > CHANCE
        for _ in range(pairs)
    )
    assert beyond <= 4 * pairs / 370


@pytest.mark.parametrize(("before", "after", "sign"), [(25_087, 682, -1), (2, 60, 1), (0, 12, 1)])
def test_a_real_difference_is_beyond_it(before: int, after: int, sign: int) -> None:
    """The article's TIME_WAIT fell; a dozen where there was none is more than chance."""
    assert sign * deviations(before, after) > CHANCE


def test_a_count_of_a_longer_time_is_held_against_its_share() -> None:
    """Ten times as many in ten times the time is no difference."""
    assert abs(deviations(100, 1000, longer=10)) < 0.2


def test_bursts_widen_the_noise() -> None:
    """Arrivals that come in every fourth second alone scatter more than Poisson's; a trend and one burst do not."""
    assert dispersion([40, 0, 0, 0] * 15) > 10
    assert dispersion(list(range(100, 160))) == 1.0
    assert dispersion([0] * 30 + [5000] + [0] * 29) == 1.0
    assert abs(deviations(900, 1100, spread=dispersion([40, 0] * 30))) < CHANCE < abs(deviations(900, 1100))


def test_nothing_has_no_dispersion() -> None:
    """Without closes the yardstick is chance."""
    assert dispersion([]) == dispersion([0] * 60) == 1.0
