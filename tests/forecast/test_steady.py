"""Where loads end up: arithmetic that anybody can do on paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.forecast.flow import WAIT_S, Flow, Limits
from lastack.forecast.steady import steady


def test_the_default_range_bears_460_a_second() -> None:
    """28,232 ports over 61 s; beyond that the ports are gone after 28,232 connections."""
    fine, over = (steady(Flow(name="f", rate_per_s=rate, ports=28_232)) for rate in (460, 1000))
    assert (fine.binds, fine.full_in_s, fine.failed_per_s) == (None, None, 0)
    assert over.binds == "ports"
    assert over.full_in_s == pytest.approx(28.232)
    assert over.opened_per_s == pytest.approx(28_232 / 61)
    assert over.failed_share == pytest.approx(1 - 28_232 / 61 / 1000)


def test_every_state_is_by_littles_law() -> None:
    """So many a second, times so many seconds."""
    flow = Flow(name="f", role="passive", rate_per_s=40, handshake_s=0.1, hold_s=2, linger_s=0.5)
    assert steady(flow).states == pytest.approx(
        {"SYN_RECV": 4, "ESTABLISHED": 80, "FIN_WAIT2": 20, "TIME_WAIT": 40 * WAIT_S}
    )
    other = Flow(name="f", rate_per_s=40, handshake_s=0.1, hold_s=2, linger_s=0.5, closes="there")
    assert steady(other).states == pytest.approx({"SYN_SENT": 4, "ESTABLISHED": 80, "CLOSE_WAIT": 20})


def test_too_few_buckets_lose_the_rest() -> None:
    """They hold as many as there are; what comes beyond that goes without."""
    found = steady(Flow(name="f", role="passive", rate_per_s=100), Limits(tw_buckets=610))
    assert found.states["TIME_WAIT"] == 610
    assert found.refused_waits_per_s == pytest.approx(90)
    assert found.binds == "tw-buckets"
    assert found.full_in_s == pytest.approx(6.1)


@pytest.mark.parametrize("buckets", [None, -1])
def test_no_limit_of_buckets_is_none(buckets: int | None) -> None:
    """-1 is no limit since Linux 5.18."""
    assert steady(Flow(name="f", role="passive", rate_per_s=1e5), Limits(tw_buckets=buckets)).refused_waits_per_s == 0


def test_clients_that_come_back_take_the_place_of_their_last_time_wait() -> None:
    """2,440 draws out of half of 28,232 ports: 2,240 different ones."""
    few = Flow(name="f", role="passive", rate_per_s=40, peer_ports=28_232)
    assert steady(few).states["TIME_WAIT"] == pytest.approx(2240, abs=5)


def test_what_is_full_first_binds() -> None:
    """Files fill up with what is open, a table with what is remembered."""
    flow = Flow(name="f", rate_per_s=100, hold_s=50, ports=10_000, closes="there")
    assert steady(flow, Limits(files=1000)).binds == "files"
    assert steady(flow, Limits(files=1000, conntrack=500)).binds == "conntrack"
    assert steady(flow, Limits(files=1000, conntrack=500)).full_in_s == 5
    assert steady(flow).binds is None


@given(
    rate=st.floats(0.01, 1e5),
    ports=st.integers(1, 64_512),
    hold=st.floats(0, 100),
    reuse=st.one_of(st.none(), st.floats(0.001, 60)),
    closes=st.sampled_from(["here", "there"]),
)
def test_nothing_exceeds_its_ports(rate: float, ports: int, hold: float, reuse: float | None, closes: str) -> None:
    """Whatever is open or in TIME_WAIT has a port, and no more come about than are wanted."""
    found = steady(Flow(name="f", rate_per_s=rate, ports=ports, hold_s=hold, reuse_s=reuse, closes=closes))  # type: ignore[arg-type]
    assert sum(found.states.values()) <= ports * (1 + 1e-9)
    assert 0 <= found.opened_per_s <= rate
    assert found.failed_per_s == pytest.approx(rate - found.opened_per_s)
    assert (found.binds == "ports") == (found.failed_per_s > 1e-9 * rate)
