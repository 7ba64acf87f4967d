"""Percentiles out of buckets, against sorting."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lastack.tcp.spread import Spread


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=200), st.sampled_from([1, 50, 90, 99, 100]))
def test_percentiles(values: list[int], percent: int) -> None:
    """Within half a percent of the value that sorting gives, or within 1."""
    spread = Spread()
    for value in values:
        spread.add(np.array([value]))
    rank = max(-(-len(values) * percent // 100), 1)
    exact = sorted(values)[rank - 1]
    assert abs(spread.percentile(percent) - exact) <= max(exact * 0.005, 1)
    assert (spread.count, spread.least, spread.most) == (len(values), min(values), max(values))


def test_nothing() -> None:
    """Of nothing, every percentile is 0."""
    spread = Spread()
    spread.add(np.empty(0, np.int64))
    assert (spread.count, spread.percentile(50)) == (0, 0)
