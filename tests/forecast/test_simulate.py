"""Time that passes step by step agrees with the closed forms where these apply, and loses nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastack.errors import UsageError
from lastack.forecast.flow import Flow, Limits
from lastack.forecast.simulate import Demand, Retries, simulate
from lastack.forecast.steady import steady


@pytest.mark.parametrize(
    "flow",
    [
        Flow(name="f", rate_per_s=20, ports=2000),
        Flow(name="f", rate_per_s=20, ports=2000, hold_s=10),
        Flow(name="f", rate_per_s=15, ports=2000, reuse_s=1),
        Flow(name="f", rate_per_s=33, ports=2000, reuse_s=1),
        Flow(name="f", rate_per_s=100, hold_s=3, ports=1000, closes="there"),
        Flow(name="f", role="passive", rate_per_s=1000),
    ],
)
def test_what_goes_on_as_it_is_ends_up_where_arithmetic_says(flow: Flow) -> None:
    """Two roads to the same numbers."""
    course = simulate(Demand(flows=[flow]), Limits(), 200, step_s=0.25)
    expected = steady(flow).states
    assert course.waiting[-1, 0] == pytest.approx(expected.get("TIME_WAIT", 0), rel=0.02, abs=1)
    assert course.open[-1, 0] == pytest.approx(expected.get("ESTABLISHED", 0), rel=0.02, abs=flow.rate_per_s * 0.25 + 1)


def test_ports_run_out_when_arithmetic_says() -> None:
    """And come back after a minute."""
    flow = Flow(name="f", rate_per_s=50, ports=2000)
    course = simulate(Demand(flows=[flow]), Limits(), 61)
    assert course.first_failure_s() == [40.0]
    assert steady(flow).full_in_s == 40
    assert course.failed.sum() / course.tried.sum() == pytest.approx(steady(flow).failed_share, abs=0.01)


def test_a_burst_is_over_when_its_minute_is() -> None:
    """Ten seconds of ten times as much."""
    flow = Flow(name="f", rate_per_s=10, ports=2000)
    demand = Demand(flows=[flow], shape=lambda second: 10.0 if second < 10 else 1.0)
    course = simulate(demand, Limits(), 120)
    assert course.failed.sum() == 0
    assert course.waiting.max() == pytest.approx(1000 + 51 * 10, abs=10)
    assert course.waiting[-1, 0] == pytest.approx(610, abs=10)


def test_what_failed_is_tried_again_so_often() -> None:
    """Each failure once a second later, and not a third time."""
    flow = Flow(name="f", rate_per_s=10, ports=10)
    once = simulate(Demand(flows=[flow], retries=Retries(after_s=1)), Limits(), 3)
    assert once.tried[:, 0].tolist() == [10, 10, 20]
    assert simulate(Demand(flows=[flow]), Limits(), 3).tried[:, 0].tolist() == [10, 10, 10]


def test_flows_share_buckets_and_table() -> None:
    """What is too much is lost by all, in proportion."""
    flows = [Flow(name=name, role="passive", rate_per_s=rate) for name, rate in (("a", 30.0), ("b", 10.0))]
    buckets = simulate(Demand(flows=flows), Limits(tw_buckets=400), 50)
    assert buckets.waiting[-1].tolist() == pytest.approx([300, 100])
    table = simulate(Demand(flows=flows), Limits(conntrack=400), 50)
    assert table.opened.sum() == pytest.approx(400)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 200), st.integers(1, 300), st.floats(0, 20)), min_size=1, max_size=4),
    st.integers(0, 2**32),
)
def test_every_try_has_one_end(rows: list[tuple[float, int, float]], seed: int) -> None:
    """What opened is open, waiting, or over; no flow has more than its ports; nothing is below zero."""
    flows = [Flow(name="f", rate_per_s=rate, ports=ports, hold_s=hold) for rate, ports, hold in rows]
    course = simulate(Demand(flows=flows), Limits(), 90, chance=np.random.default_rng(seed))
    assert (course.opened <= course.tried).all()
    assert (course.open + course.waiting <= np.array([flow.ports for flow in flows])).all()
    assert min(course.open.min(), course.waiting.min()) >= 0
    assert (course.opened.cumsum(axis=0) >= course.open + course.waiting - 1e-6).all()


@pytest.mark.parametrize(("seconds", "step_s"), [(0, 1), (10, 0), (1e9, 0.1)])
def test_what_cannot_be_simulated_is_refused(seconds: float, step_s: float) -> None:
    """No time, no steps, or more of them than fit into memory."""
    with pytest.raises(UsageError):
        simulate(Demand(flows=[Flow(name="f", rate_per_s=1)]), Limits(), seconds, step_s=step_s)
