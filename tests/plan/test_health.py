"""The guard's judgement, on counters that are made up second by second."""

from itertools import accumulate

import pytest

from lastack.plan.health import HARM, Health, Reading

_STEADY = [100, 104, 97, 101, 99, 103, 98, 100, 102, 96]
_NONE = [0] * 10


def _readings(opened: list[int], harm: list[int], name: str = "Tcp.AttemptFails") -> list[Reading]:
    """Cumulative counters, a second apart; what is opened comes in."""
    group, _, counter = name.partition(".")
    failed = harm if name == "Tcp.AttemptFails" else [0] * len(harm)
    tried = [one + other for one, other in zip(opened, failed, strict=True)]
    rows = zip([0, *accumulate(tried)], [0, *accumulate(harm)], strict=True)
    readings = []
    for second, (passive, harmed) in enumerate(rows):
        tables = {"Tcp": {"ActiveOpens": 0, "PassiveOpens": passive, "AttemptFails": 0}, "TcpExt": {}}
        tables[group][counter] = harmed
        readings.append(Reading(float(second), tables))
    return readings


def _verdicts(opened: list[int], harm: list[int], name: str = "Tcp.AttemptFails") -> list[str]:
    """What the guard says at each second after the first ten."""
    readings = _readings(opened, harm, name)
    health = Health(readings[:11])
    return [health.regression(reading) for reading in readings[10:]]


def test_nothing_new_is_no_regression() -> None:
    """The same numbers in another order, for as long as one likes."""
    assert not any(_verdicts(_STEADY + _STEADY[::-1] * 10, _NONE * 11))


def test_connections_that_stay_away_are_one() -> None:
    """After three seconds in a row, and not after two."""
    verdicts = _verdicts([*_STEADY, 0, 0, 0], [0] * 13)
    assert verdicts[:3] == ["", "", ""]
    assert verdicts[3] == "connections opened: 0.0/s, at least 96.0/s in the 10 s before"


def test_a_lull_of_two_seconds_is_none() -> None:
    """Nor is a fall to more than half."""
    assert not any(_verdicts([*_STEADY, 0, 0, 99, 0, 0, 99], [0] * 16))
    assert not any(_verdicts([*_STEADY, 49, 49, 49, 49], [0] * 14))


@pytest.mark.parametrize("name", HARM)
def test_each_kind_of_harm_is_seen(name: str) -> None:
    """By its counter's name."""
    verdicts = _verdicts([*_STEADY, 100, 100, 100], [*([2] * 10), 50, 50, 50], name)
    assert verdicts[:3] == ["", "", ""]
    assert f"({name}): 50.0/s, at most 2.0/s in the 10 s before" in verdicts[3]


def test_ten_times_the_traffic_brings_ten_times_the_failures() -> None:
    """As a share of the connections opened nothing is worse."""
    assert not any(_verdicts([*_STEADY, *([1000] * 5)], [*([2] * 10), *([20] * 5)]))


def test_a_few_events_are_no_harm() -> None:
    """On a quiet host three failures in three seconds are chance."""
    assert not any(_verdicts([1] * 20, [*_NONE, *([3] * 3), *([0] * 7)]))
    assert not any(_verdicts([*([1] * 10), *([0] * 10)], [0] * 20))


def test_a_counter_that_the_kernel_does_not_have_counts_nothing() -> None:
    """Older kernels print fewer of them."""
    readings = [Reading(float(second), {}) for second in range(20)]
    health = Health(readings[:11])
    assert not any(health.regression(reading) for reading in readings[10:])
