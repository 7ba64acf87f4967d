"""Queues: arithmetic."""

from math import inf

import pytest

from lastack.forecast.queues import Queue, half_open, synack_life_s


def test_a_queue_fills_with_what_is_not_taken() -> None:
    """511 + 1 places, 200 a second too many."""
    queue = Queue(backlog=511, accepts_per_s=800)
    assert queue.fills_in_s(1000) == pytest.approx(2.56)
    assert queue.absorbs(1000) == pytest.approx(2.56)
    assert queue.lost_share(1000) == pytest.approx(0.2)
    assert queue.wait_s(1000) == pytest.approx(0.64)


def test_what_keeps_up_loses_nothing() -> None:
    """Nor does it ever fill."""
    queue = Queue(backlog=0, accepts_per_s=100)
    assert (queue.fills_in_s(100), queue.absorbs(100), queue.lost_share(100), queue.lost_share(0)) == (None, inf, 0, 0)
    assert queue.wait_s(100) == 0


@pytest.mark.parametrize(("retries", "seconds"), [(0, 1), (1, 3), (2, 7), (3, 15), (5, 63)])
def test_a_request_lives_as_long_as_its_answers_are_repeated(retries: int, seconds: float) -> None:
    """As measured: 1.03, 3.05, 7.29 and 15.4 s."""
    assert synack_life_s(retries) == seconds


def test_half_open_requests_end_at_the_backlog() -> None:
    """Ten a second for 63 s are 630; a backlog of 128 has room for 129."""
    assert (half_open(10, 4096), half_open(10, 128)) == (630, 129)
