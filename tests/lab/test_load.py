"""Loads and reports: what can be asked for, and how shares add up."""

from typing import Any

import pytest

from lastack.errors import UsageError
from lastack.lab.load import Load, Report, add_up


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 0},
        {"seconds": 1, "rate": 0},
        {"seconds": 1, "hold_s": -1},
        {"seconds": 1, "concurrency": 0},
        {"seconds": 1, "addresses": 0},
        {"seconds": 1, "processes": 0},
        {"seconds": 1, "family": 5},
        {"seconds": 1, "opener": "server", "finish": False},
    ],
)
def test_what_cannot_be_driven(wrong: dict[str, Any]) -> None:
    """A usage error, before anything moves."""
    with pytest.raises(UsageError) as caught:
        Load(**wrong)
    assert caught.value.slug == "bad-load"


def test_reports_of_processes_side_by_side_add_up() -> None:
    """Connections and failures are sums, the time is the longest."""
    whole = add_up([Report(300, {"ETIMEDOUT": 1}, 2.0), Report(100, {"ETIMEDOUT": 2, "EADDRNOTAVAIL": 5}, 1.5)])
    assert whole == Report(400, {"ETIMEDOUT": 3, "EADDRNOTAVAIL": 5}, 2.0)
    assert whole.rate == 200
