"""What two samples tell, and when they tell nothing."""

from typing import Any

import pytest

from lastack.model.change import change, obstacle
from tests.model.samples import sample

OVERFLOWS = {"TcpExt": {"ListenOverflows": 5, "TW": 7}, "Tcp": {"CurrEstab": 9, "ActiveOpens": 1}}


def test_deltas_of_counters_in_both() -> None:
    """Each counter that both samples have, by its table and name; gauges are none."""
    before = sample(uptime_s=100.0, counters=OVERFLOWS)
    now = sample(
        uptime_s=104.0,
        counters={"TcpExt": {"ListenOverflows": 8, "New": 1}, "Tcp": {"CurrEstab": 2, "ActiveOpens": 1}},
    )
    assert obstacle(now, before) == ""
    assert change(now, before).interval_s == 4.0
    assert change(now, before).counters == {"TcpExt.ListenOverflows": 3, "Tcp.ActiveOpens": 0}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"boot_id": "b1"}, "another boot"),
        ({"boot_id": None}, "boot id is not visible"),
        ({"netns": "net:[1]"}, "another namespace"),
        ({"uptime_s": 2000.0}, "not earlier"),
        ({"uptime_s": 1000.0}, "not earlier"),
        ({"uptime_s": 900.0, "counters": {"TcpExt": {"TW": 8}}}, "began anew"),
    ],
)
def test_samples_that_do_not_compare(fields: dict[str, Any], why: str) -> None:
    """Another boot, another namespace, the wrong order, counters that went down: unknown, and why."""
    now = sample(counters={"TcpExt": {"TW": 7}})
    assert why in obstacle(now, sample(**fields))


def test_one_sample() -> None:
    """Counters since boot are no substitute for an earlier sample."""
    assert obstacle(sample(counters=OVERFLOWS), None) == "one sample only"
