"""The arithmetic of ports, against sums done here by hand."""

import pytest

from lastack.model.ports import HORIZON_S, Load, blocked, pool, seconds_to_exhaustion

MINUTE = [0] * 60


def test_pool_is_the_whole_range() -> None:
    """A range includes both its ends."""
    assert pool((32_768, 60_999), [], [], bound_complete=True).available == 60_999 - 32_768 + 1


def test_pool_deducts_reserved_and_bound_ports_inside_the_range_once() -> None:
    """A port outside the range costs nothing, and one both reserved and bound costs one."""
    made = pool(
        (40_000, 40_009), [(39_990, 40_001), (40_009, 50_000)], [80, 40_001, 40_005, 40_005], bound_complete=True
    )
    assert (made.reserved, made.bound, made.available) == (3, 1, 6)


def test_pool_tells_whether_bound_ports_are_all_known() -> None:
    """Without the bound ports, the pool is an upper bound and says so."""
    assert not pool((1, 2), [], [], bound_complete=False).bound_complete


def test_all_closes_of_the_minute_block_their_port() -> None:
    """A port is blocked up to the sixtieth second."""
    assert blocked([1] * 60, 60) == 60


def test_a_port_comes_back_60_seconds_after_its_close() -> None:
    """A close of one second ago is still there in 58 s and gone in 60 s."""
    closes = [*MINUTE[:58], 7, 0]
    assert [blocked(closes, 60, second) for second in (0, 58, 59, 60)] == [7, 7, 0, 0]


def test_a_fraction_of_a_second_blocks_that_fraction() -> None:
    """A delay of 100 ms blocks a tenth of the closes of the last second."""
    assert blocked([*MINUTE[:59], 50], 0.1) == pytest.approx(5)


def test_exhausted_now() -> None:
    """As many ports in use as there are: zero seconds."""
    assert seconds_to_exhaustion(10, Load(10, MINUTE, 0)) == 0


def test_never_below_the_steady_state() -> None:
    """470 closes a second need 28,200 ports for ever, which is less than 28,232."""
    assert seconds_to_exhaustion(28_232, Load(0, [470] * 60, 470)) is None


def test_steady_state_beyond_the_pool() -> None:
    """From an idle start, 500 closes a second reach 28,232 ports in the 57th second."""
    assert 500 * 56 < 28_232 <= 500 * 57
    assert seconds_to_exhaustion(28_232, Load(0, MINUTE, 500)) == 57


def test_old_closes_give_ports_back_in_time() -> None:
    """A burst of a minute ago makes room for as many."""
    closes = [90, *MINUTE[1:]]
    assert seconds_to_exhaustion(100, Load(0, closes, 1)) is None
    assert seconds_to_exhaustion(100, Load(0, [0, 90, *MINUTE[2:]], 10)) is not None


def test_growth_alone_exhausts_beyond_the_minute() -> None:
    """One more open connection a second uses 200 ports in 200 s."""
    assert seconds_to_exhaustion(200, Load(0, MINUTE, 0, growth=1.0)) == 200


def test_growth_on_top_of_a_steady_state() -> None:
    """60 in TIME_WAIT for ever, and one more a second: 300 - 60 s."""
    assert seconds_to_exhaustion(300, Load(0, [1] * 60, 1, growth=1.0)) == 240


def test_beyond_the_horizon_is_never() -> None:
    """No forecast reaches further than a day."""
    assert seconds_to_exhaustion(HORIZON_S, Load(0, MINUTE, 0, growth=1.0)) == HORIZON_S
    assert seconds_to_exhaustion(HORIZON_S + 1, Load(0, MINUTE, 0, growth=1.0)) is None


def test_falling_use_never_goes_below_zero() -> None:
    """Connections that end faster than they begin leave none, not fewer."""
    assert Load(5, MINUTE, 0, growth=-1.0).used(50) == 0


def test_reuse_after_a_second_bears_a_pool_a_second() -> None:
    """With a delay of 1 s, ten ports bear nine closes a second and not ten."""
    assert seconds_to_exhaustion(10, Load(0, [9] * 60, 9, hold_s=1.0)) is None
    assert seconds_to_exhaustion(10, Load(0, [9] * 60, 10, hold_s=1.0)) == 1
