"""Text in columns: a piece of every line as a matrix of octets, a row a line.

A hundred thousand lines cost little more than one. Numbers are as wide as the widest of their column: JSON allows
spaces before them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "Lines", "decimal", "digits", "filled", "in_turn", "looked_up"]

Cells = NDArray[np.uint8]

_NEWLINE, _SPACE, _ZERO, _POINT = 0x0A, 0x20, 0x30, 0x2E
_INT32 = 1 << 31

# Lines put in order at once: what the processor's cache holds.
_AT_ONCE = 1 << 11


def digits(column: NDArray[np.int64], zeros: int = 0) -> Cells:
    """Whole numbers, spaces before them; with ``zeros``, so many digits and zeros before them."""
    low, high = int(column.min()), int(column.max())
    if low < 0:
        return looked_up([str(number) for number in column.tolist()], None)
    width = zeros or len(str(high))
    rest = column.astype(np.int32) if high < _INT32 else column
    cells = np.empty((len(column), width), np.uint8)
    for place in range(width - 1, -1, -1):
        above = rest // 10
        cells[:, place] = rest - above * 10 + _ZERO
        if not zeros and place < width - 1:
            cells[rest == 0, place] = _SPACE
        rest = above
    return cells


def decimal(microseconds: NDArray[np.int64]) -> Cells:
    """Seconds with six decimals. Nothing is negative."""
    seconds, rest = np.divmod(microseconds, 1_000_000)
    point = np.full((len(seconds), 1), _POINT, np.uint8)
    return np.hstack((digits(seconds), point, digits(rest, 6)))


def looked_up(texts: Sequence[str], which: NDArray[np.int64] | None) -> Cells:
    """ASCII texts, spaces behind them; ``which`` of them stands in each row, or each in its turn."""
    packed = np.array([text.encode("ascii") for text in texts])
    cells = packed.view(np.uint8).reshape(len(texts), -1)
    cells = np.where(cells == 0, np.uint8(_SPACE), cells)
    return cells if which is None else cells[which]


class Lines(NamedTuple):
    """Lines that differ in some places only.

    Attributes:
        line: one of them, without those places.
        pieces: where each of those begins, and what stands there, an item a line.
        rows: how many lines.
    """

    line: Cells
    pieces: Sequence[tuple[int, NDArray[np.void]]]
    rows: int

    def cells(self, some: NDArray[np.int64] | slice = slice(None)) -> Cells:
        """Some of the lines."""
        count, width = len(range(self.rows)[some]) if isinstance(some, slice) else len(some), len(self.line)
        cells = np.empty((count, width), np.uint8)
        cells[:] = self.line
        for at, piece in self.pieces:
            np.ndarray((count,), piece.dtype, cells, at, (width,))[:] = piece[some]
        return cells


def filled(template: str, pieces: dict[str, Cells], count: int) -> Lines:
    """So many lines of a template (ASCII): each mark in it, in order, gives way to its piece."""
    line, places, rest = b"", [], template
    for mark, piece in pieces.items():
        before, _, rest = rest.partition(mark)
        line += before.encode("ascii")
        places.append((len(line), _items(piece)))
        line += bytes(piece.shape[1])
    return Lines(np.frombuffer(line + rest.encode("ascii"), np.uint8), places, count)


def in_turn(parts: Sequence[Lines], order: NDArray[np.int64], at_once: int = _AT_ONCE) -> Iterator[memoryview]:
    """Lines, each with its end, in this order; some at a time, so that little is held.

    Args:
        parts: the lines.
        order: numbers of lines, counted through all parts; those that are wanted.
        at_once: so many.
    """
    firsts = np.cumsum([0, *(lines.rows for lines in parts)])
    widths = np.array([len(lines.line) for lines in parts])
    for begin in range(0, len(order), at_once):
        some = order[begin : begin + at_once]
        which = np.searchsorted(firsts, some, side="right") - 1
        lengths = widths[which] + 1
        ends = np.cumsum(lengths)
        text = np.empty(ends[-1], np.uint8)
        text[ends - 1] = _NEWLINE
        for number in np.unique(which).tolist():
            here = np.flatnonzero(which == number)
            items = _items(parts[number].cells(some[here] - firsts[number]))
            anywhere = np.ndarray((len(text) - items.itemsize + 1,), items.dtype, text, strides=(1,))
            anywhere[ends[here] - lengths[here]] = items
        yield text.data


def _items(cells: Cells) -> NDArray[np.void]:
    """Each row as one item: copied at once."""
    return np.ascontiguousarray(cells).view(np.dtype((np.void, cells.shape[1])))[:, 0]
