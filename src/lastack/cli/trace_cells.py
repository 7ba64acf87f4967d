"""Text in columns: a piece of every line as a matrix of octets, a row a line.

A hundred thousand lines cost little more than one. Numbers are as wide as the widest of their column: JSON allows
spaces before them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "decimal", "digits", "filled", "in_turn", "looked_up"]

Cells = NDArray[np.uint8]

_NEWLINE, _SPACE, _ZERO, _POINT = 0x0A, 0x20, 0x30, 0x2E
_INT32 = 1 << 31


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


def filled(template: str, pieces: dict[str, Cells], rows: int) -> Cells:
    """The lines of a template (ASCII): each mark in it, in order, gives way to its piece."""
    line, places, rest = b"", [], template
    for mark, piece in pieces.items():
        before, _, rest = rest.partition(mark)
        line += before.encode("ascii")
        places.append(len(line))
        line += bytes(piece.shape[1])
    line += rest.encode("ascii")
    cells = np.empty((rows, len(line)), np.uint8)
    cells[:] = np.frombuffer(line, np.uint8)
    for at, piece in zip(places, pieces.values(), strict=True):
        gap = np.ndarray((rows,), _whole(piece.shape[1]), cells, at, (len(line),))
        gap[:] = np.ascontiguousarray(piece).view(gap.dtype)[:, 0]
    return cells


def in_turn(parts: Sequence[Cells], order: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Lines, each with its end, in this order.

    Args:
        parts: the lines, as wide as the others of their part.
        order: numbers of lines, counted through all parts; those that are wanted.
    """
    counts, widths = ([cells.shape[axis] for cells in parts] for axis in (0, 1))
    lengths = np.repeat(widths, counts)[order] + 1
    ends = np.cumsum(lengths)
    place = np.full(sum(counts), -1)
    place[order] = ends - lengths
    text = np.empty(lengths.sum(), np.uint8)
    text[ends - 1] = _NEWLINE
    for cells, some in zip(parts, np.split(place, np.cumsum(counts)[:-1]), strict=True):
        wanted, kind = some >= 0, _whole(cells.shape[1])
        lines = cells.view(kind)[:, 0]
        anywhere = np.ndarray((len(text) - kind.itemsize + 1,), kind, text, strides=(1,))
        anywhere[some[wanted]] = lines[wanted]
    return text


def _whole(width: int) -> np.dtype[np.void]:
    # So many octets as one item: copied at once.
    return np.dtype((np.void, width))
