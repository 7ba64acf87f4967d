"""The largest of very many keys, and what sinks do with the rest."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.kernel.largest import largest


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9))), st.integers(1, 9))
def test_none_that_is_left_out_is_larger(counted: list[tuple[int, int]], most: int) -> None:
    """Counts of one key are added up; which of equals is taken does not hang on their order."""
    totals: Counter[int] = Counter()
    for key, count in counted:
        totals[key] += count
    kept = largest(counted, most)
    assert len(kept) == min(most, len(totals))
    if out := totals.keys() - kept:
        assert max((totals[key], key) for key in out) < min((totals[key], key) for key in kept)
    assert largest(reversed(counted), most) == kept


@pytest.mark.parametrize("most", [2, 3])
def test_few_are_all_kept(most: int) -> None:
    """As many as there may be, or fewer."""
    assert largest([(b"a", 1), (b"b", 2)], most) == {b"a", b"b"}
