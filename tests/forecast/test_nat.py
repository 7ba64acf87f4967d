"""A day of many hosts behind one NAT."""

import numpy as np
import pytest

from lastack.errors import UsageError
from lastack.forecast.nat import Nat, day


def on(**fields: float) -> "Nat":
    """A NAT with one destination."""
    return Nat(**{"hosts": 1000, "rate_per_s": 0.1, "destinations": 1, "hold_s": 5.0, "swing": 0.0, **fields})  # type: ignore[arg-type]


def test_a_quiet_day_fails_nobody() -> None:
    """100 a second, each remembered for 125 s: 12,500 entries."""
    found = day(on(), np.random.default_rng(1), step_s=10)
    assert (found.failed, found.binds, found.first_failure_s, found.addresses_needed) == (0, None, None, 1)
    assert found.tried == pytest.approx(100 * 86_400, rel=0.01)
    assert found.peak_entries == pytest.approx(12_500, rel=0.1)


def test_ports_bind_where_they_are_too_few() -> None:
    """64,512 ports over 125 s bear 516 a second; at 1,000 a second nearly half fails, and two addresses suffice."""
    found = day(on(hosts=10_000), np.random.default_rng(1), step_s=5)
    assert (found.binds, found.addresses_needed) == ("ports", 2)
    assert found.failed / found.tried == pytest.approx(1 - 64_512 / 125 / 1000, abs=0.02)


def test_a_table_binds_where_it_is_too_small() -> None:
    """12,500 entries are wanted."""
    assert day(on(conntrack=5_000), np.random.default_rng(1), step_s=10).binds == "conntrack"


def test_the_same_chance_gives_the_same_day() -> None:
    """Chance is an argument."""
    first, second, other = (day(on(swing=0.5), np.random.default_rng(seed), step_s=60) for seed in (1, 1, 2))
    assert first == second != other


@pytest.mark.parametrize("fields", [{"destinations": 0}, {"hosts": 0}, {"addresses": 0}, {"swing": 2}])
def test_what_is_no_nat_is_refused(fields: dict[str, float]) -> None:
    """With a sentence."""
    with pytest.raises(UsageError):
        day(on(**fields), np.random.default_rng(1))
