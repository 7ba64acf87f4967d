"""A difference in words."""

import math

import pytest

from lastack.lab.experiment.metrics import measure_of
from lastack.lab.experiment.statistics import Difference, Scale
from lastack.lab.experiment.wording import amount, sentence

_CONNECTIONS = measure_of("connections_per_s", " to one destination")
_LATENCY = measure_of("connect_median_us")
_RESETS = measure_of("resets")


def _difference(effect: float, low: float, high: float, scale: Scale = "ratio") -> Difference:
    return Difference(
        baseline=1, changed=effect, scale=scale, effect=effect, ci95=(low, high), p=0.0, error=0.01, freedom=9
    )


@pytest.mark.parametrize(
    ("effect", "low", "high", "words"),
    [
        (5.1, 4.9, 5.3, "5.1 times more connections a second to one destination [4.9, 5.3]"),
        (1.12, 1.09, 1.15, "12% more connections a second to one destination [9%, 15%]"),
        (0.65, 0.6, 0.7, "35% fewer connections a second to one destination [30%, 40%]"),
        (0.25, 0.2, 0.5, "4.0 times fewer connections a second to one destination [2.0, 5.0]"),
    ],
)
def test_an_effect_on_a_rate(effect: float, low: float, high: float, words: str) -> None:
    """Times from twice on, per cent below."""
    assert sentence(_CONNECTIONS, _difference(effect, low, high), "effect", 0.1) == words


def test_a_latency_is_longer_rather_than_more() -> None:
    """As people say it."""
    assert sentence(_LATENCY, _difference(3.0, 2.0, 4.0), "effect", 0.1) == (
        "3.0 times longer median connect latency [2.0, 4.0]"
    )


def test_what_was_none_before_is_counted() -> None:
    """Not divided by 0; and a decrease has its interval the right way round."""
    more = _difference(20_087, 20_080, 20_094, "difference")
    fewer = _difference(-12, -14, -10, "difference")
    assert sentence(_RESETS, more, "effect", 5) == "20,087 more resets sent to peers [20,080, 20,094]"
    assert sentence(_RESETS, fewer, "effect", 5) == "12 fewer resets sent to peers [10, 14]"


def test_no_effect_says_which_would_have_been_seen() -> None:
    """In per cent, or in what is counted."""
    assert sentence(_CONNECTIONS, _difference(1.0, 0.99, 1.01), "none", 0.03) == (
        "no effect seen; one larger than 3% would have been"
    )
    assert sentence(_RESETS, _difference(0, -2, 2, "difference"), "none", 6.2) == (
        "no effect seen; one larger than 7 would have been"
    )


def test_perhaps_says_that_it_may_be_chance() -> None:
    """And what would tell."""
    words = sentence(_CONNECTIONS, _difference(1.05, 1.01, 1.09), "perhaps", 0.2)
    assert words == (
        "perhaps 5.0% more connections a second to one destination [1.0%, 9.0%], or chance: more runs would tell"
    )


def test_one_run_of_each_tells_nothing() -> None:
    """However large the difference."""
    one = Difference(baseline=1, changed=9, scale="ratio", effect=9, ci95=None, p=1.0, error=math.inf, freedom=0)
    assert sentence(_CONNECTIONS, one, "none", math.inf) == "no effect seen; one run of each tells nothing"


def test_amounts_are_three_digits_or_thousands() -> None:
    """With commas; what is infinite is said."""
    assert [amount(number) for number in (25_087.4, 3.14159, 5.0, math.inf)] == ["25,087", "3.14", "5", "∞"]
