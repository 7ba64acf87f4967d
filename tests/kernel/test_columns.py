"""Columns do what a loop over their bytes does."""

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, lists, tuples

from lastack.kernel.columns import alike, both, either, looked_up

BYTE = integers(0, 255)


@given(lists(tuples(BYTE, BYTE)))
def test_bits_of_two_columns(pairs: list[tuple[int, int]]) -> None:
    """Row by row; columns without a row are columns."""
    first, second = bytes(one for one, _ in pairs), bytes(other for _, other in pairs)
    assert list(both(first, second)) == [one & other for one, other in pairs]
    assert list(either(first, second)) == [one | other for one, other in pairs]


@given(binary(min_size=1), lists(integers(min_value=0)))
def test_looking_up(table: bytes, places: list[int]) -> None:
    """None, one, or many."""
    within = [place % len(table) for place in places]
    assert list(looked_up(table, within)) == [table[place] for place in within]


@given(lists(integers(0, 1)))
def test_alike(items: list[int]) -> None:
    """None and one are."""
    column = memoryview(b"".join(item.to_bytes(2, "big") for item in items)).cast("H")
    assert alike(column) == (len(set(items)) < 2)


@pytest.mark.parametrize("places", [[3], [0, 3]])
def test_a_place_that_the_table_does_not_have(places: list[int]) -> None:
    """It is not made up."""
    with pytest.raises(IndexError):
        looked_up(b"abc", places)
