"""Sorting by digits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lastack.live.order import order


@given(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 2**63 - 1)), max_size=50))
def test_as_any_stable_sort(values: list[int]) -> None:
    """The order is that of sorted(), equal values as they were."""
    assert order(np.array(values, np.uint64)).tolist() == sorted(range(len(values)), key=values.__getitem__)
