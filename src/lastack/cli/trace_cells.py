"""Text in columns: a piece of every line as a matrix of octets, a row a line.

A hundred thousand lines cost little more than one. Numbers are as wide as the widest of their column: JSON allows
spaces before them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cells", "decimal", "digits", "filled", "looked_up"]

Cells = NDArray[np.uint8]

_SPACE, _ZERO, _MINUS, _POINT = 0x20, 0x30, 0x2D, 0x2E
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
    constant, rest = [], template
    for mark in pieces:
        before, _, rest = rest.partition(mark)
        constant.append(np.frombuffer(before.encode("ascii"), np.uint8))
    constant.append(np.frombuffer(rest.encode("ascii"), np.uint8))
    width = sum(map(len, constant)) + sum(piece.shape[1] for piece in pieces.values())
    cells, at = np.empty((rows, width), np.uint8), 0
    for number, piece in enumerate([*pieces.values(), np.empty((rows, 0), np.uint8)]):
        for some in (constant[number], piece):
            cells[:, at : at + some.shape[-1]] = some
            at += some.shape[-1]
    return cells
