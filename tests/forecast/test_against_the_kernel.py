"""Forecasts held against the running kernel."""

import pytest
from docs.forecasts import CASES, TOLERANCE, Held, run_all

from lastack.errors import RefusedError
from tests.kernel.private import unavailable


@pytest.fixture(scope="module")
def held() -> list[Held]:
    """All loads, forecast and driven."""
    try:
        return run_all()
    except RefusedError as error:
        unavailable(error.message)


def test_every_number_is_within_a_tenth_of_what_the_kernel_does(held: list[Held]) -> None:
    """Sockets per state, share that fails, time until the ports are gone."""
    assert [one for one in held if one.off > TOLERANCE] == []


def test_enough_loads_were_driven(held: list[Held]) -> None:
    """At least fifteen, and no number was about nothing."""
    assert len({one.case for one in held}) >= min(15, len(CASES))
    assert all(one.measured > 0 for one in held)
    assert {one.number for one in held} >= {"TIME_WAIT", "ESTABLISHED", "SYN_RECV", "failed share", "full after, s"}
