"""Rates at a moment, from timers and counters, on samples made by hand."""

from typing import Any

import pytest
from msgspec.structs import replace

from lastack.model.change import change
from lastack.model.flow import Flow, Moment, flow, own_window
from lastack.model.sample import Sample
from tests.model.samples import SERVED, closed, sample

STEADY = closed(dict.fromkeys(range(60), 10), **SERVED)


def moved(now: Sample, seconds: float, **deltas: int) -> Moment:
    """The sample, and an earlier one, between which the counters moved so far."""
    groups: dict[str, dict[str, int]] = {"TcpExt": {}, "Tcp": {}}
    for name, delta in deltas.items():
        groups["Tcp" if name.endswith(("Opens", "Fails")) else "TcpExt"][name] = delta
    before = {group: dict.fromkeys(values, 0) for group, values in groups.items()}
    earlier = replace(now, uptime_s=now.uptime_s - seconds, counters=before)
    return Moment(replace(now, counters=groups), earlier)


def rates(moment: Moment) -> Flow:
    """Its rates."""
    return flow(moment.sample, own_window(moment))


def test_a_single_sample_dates_its_closes() -> None:
    """600 TIME_WAIT of a minute are ten closes a second; what counters tell is not known."""
    found = rates(Moment(sample(STEADY)))
    assert found.entered_per_s == 10
    assert (found.window_s, found.opened_per_s, found.data_per_s) == (None, None, None)
    assert found.leftover == 0


def test_an_unreached_limit_refuses_nothing() -> None:
    """Below tcp_max_tw_buckets no close is refused; at the limit it cannot be told from one sample."""
    below = sample(STEADY, settings={"net.ipv4.tcp_max_tw_buckets": "601"})
    at_it = sample(STEADY, settings={"net.ipv4.tcp_max_tw_buckets": "600"})
    assert rates(Moment(below)).refused_per_s == 0.0
    assert rates(Moment(at_it)).refused_per_s is None


def test_what_is_gone_early_is_taken_over_or_replaced() -> None:
    """Of 20 a second that entered half are left: as many as connect() took are taken over, the rest was replaced."""
    found = rates(moved(sample(STEADY), 60, TW=1200, TWKilled=0, TWRecycled=400, TCPTimeWaitOverflow=0))
    assert (found.entered_per_s, found.taken_over, found.replaced) == (20, 400, 200)
    assert found.leftover == 0


def test_older_kernels_count_when_time_wait_ends() -> None:
    """Before 5.18 the counter is a minute late, so the timers are believed."""
    found = rates(moved(sample(STEADY, kernel="5.15.0"), 60, TW=1200, TWKilled=0))
    assert found.entered_per_s == 10


def test_a_mean_of_an_hour_says_nothing_of_the_last_minute() -> None:
    """Over an hour a hundred a second entered; the timers of the last minute show ten, and those are believed."""
    found = rates(moved(sample(STEADY), 3600, TW=360_000, TWKilled=0, TWRecycled=0))
    assert (found.entered_per_s, found.replaced, found.leftover) == (10, 0, 0)


def test_a_short_window_leaves_a_rest() -> None:
    """Thirty a second for the last ten seconds, after ten a second: the older ones are of another rate."""
    closes = dict.fromkeys(range(10), 30) | dict.fromkeys(range(10, 60), 10)
    found = rates(moved(sample(closed(closes, **SERVED)), 10, TW=300, TWKilled=0))
    assert found.entered_per_s == 30
    assert found.leftover == 800 - 1800


def test_a_fin_is_no_data() -> None:
    """Of three segments for each connection one is its FIN; attempts that failed opened nothing."""
    found = rates(moved(sample(STEADY), 60, ActiveOpens=120, PassiveOpens=540, AttemptFails=60, TCPOrigDataSent=1800))
    assert found.opened_per_s == 10
    assert found.data_per_s == 20


@pytest.mark.parametrize(("ages", "expected"), [([300, 61, 60, 10], 61), ([300, 90], 90), ([], None)])
def test_the_window_is_the_minute_before(ages: list[int], expected: int | None) -> None:
    """Of a recording the oldest sample of the last minute, else the youngest older one."""
    last = sample(uptime_s=1000.0)
    moment = Moment.last_of([*(replace(last, uptime_s=1000.0 - age) for age in ages), last])
    window = own_window(moment)
    assert (window and window.interval_s) == expected


def test_another_boot_is_no_window() -> None:
    """Counters of before a boot say nothing."""
    last: Any = sample(uptime_s=1000.0)
    assert own_window(Moment(last, replace(last, uptime_s=990.0, boot_id="other"))) is None
    assert change(last, replace(last, uptime_s=990.0)).interval_s == 10
