"""Flows of a host, by hand from its sockets."""

import pytest

from lastack.forecast.of_model import flows_of, limits_of, seconds_left
from lastack.forecast.outlook import of_model
from lastack.model.model import Model
from tests.model.samples import UPSTREAM, closed, cohort, sample

SETTINGS: dict[str, str | None] = {"net.ipv4.tcp_tw_reuse": "0", "net.ipv4.tcp_max_tw_buckets": "99000"}


def proxy(closes_per_s: int, held: int = 0) -> Model:
    """A host that has closed so many a second for the last minute."""
    waiting = closed(dict.fromkeys(range(60), closes_per_s), **UPSTREAM)
    held_open = [cohort("ESTABLISHED", held, **UPSTREAM)] if held else []
    return Model.of(sample(waiting, *held_open, settings=SETTINGS))


def test_rates_are_those_of_the_closes() -> None:
    """And what is open is open as long as Little's law says."""
    (flow,) = flows_of(proxy(100, held=200))
    assert (flow.rate_per_s, flow.hold_s, flow.ports, flow.closes) == (100, 2.0, 28_232, "here")


def test_three_times_the_load_runs_out_when_arithmetic_says() -> None:
    """6,000 ports are blocked, each second 100 become free and so many times as many are taken, for a minute."""
    model = proxy(100)
    assert seconds_left(model.destinations[0], 3) is None
    assert seconds_left(model.destinations[0], 5) == pytest.approx((28_232 - 6_000) / 400, abs=1)
    assert of_model(model, 5, 32).flows[0].full_in_s == pytest.approx(55.6, abs=1)


def test_what_helps_is_told_for_what_is_in_trouble_alone() -> None:
    """A flow that nothing binds needs no remedy."""
    assert of_model(proxy(100), 5, 32).flows[0].remedies
    model = proxy(100)
    assert not of_model(model, 0.001, 32).flows[0].remedies


def test_limits_are_the_hosts() -> None:
    """Its buckets."""
    assert limits_of(proxy(1)).tw_buckets == 99_000
