"""Text made in columns, against text made line by line."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lastack.cli.trace_cells import Cells, decimal, digits, filled, in_turn, looked_up


def _text(cells: Cells) -> list[str]:
    return [row.tobytes().decode("ascii") for row in cells]


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_digits(numbers: list[int]) -> None:
    """Any whole numbers, as wide as the widest."""
    texts = _text(digits(np.array(numbers)))
    assert [int(text) for text in texts] == numbers
    assert {len(text) for text in texts} == {max(len(str(number)) for number in numbers)}


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=20))
def test_decimals(numbers: list[int]) -> None:
    """Microseconds as seconds."""
    assert [text.strip() for text in _text(decimal(np.array(numbers)))] == [
        f"{number // 10**6}.{number % 10**6:06}" for number in numbers
    ]


def test_filled() -> None:
    """Each mark gives way to its piece, in order."""
    pieces = {"<a>": looked_up(["x", "long"], np.array([1, 0, 1])), "<b>": digits(np.array([1, 22, 3]))}
    assert _text(filled("[<a>, <b>]", pieces, 3).cells()) == ["[long,  1]", "[x   , 22]", "[long,  3]"]
    assert _text(filled("[<a>, <b>]", pieces, 3).cells(np.array([2, 1]))) == ["[long,  3]", "[x   , 22]"]
    assert _text(filled("same", {}, 2).cells()) == ["same", "same"]


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=9), min_size=1, max_size=4), st.data())
def test_in_turn(parts: list[list[int]], data: st.DataObject) -> None:
    """Lines of parts of different widths, in any order, some of them left out."""
    lines = [filled("<n>;", {"<n>": digits(np.array(part))}, len(part)) for part in parts]
    texts = [text for part in lines for text in _text(part.cells())]
    order = data.draw(st.permutations(range(len(texts))))[: data.draw(st.integers(1, len(texts)))]
    expected = "".join(f"{texts[number]}\n" for number in order)
    assert b"".join(in_turn(lines, np.array(order), at_once=3)).decode() == expected
