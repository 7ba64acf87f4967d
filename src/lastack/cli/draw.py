"""Small drawings out of characters: bars, sparklines, columns; and untrusted text made harmless.

Plain functions rather than a table library: the default census must be on the screen a few hundredths of a second
after it was typed.
"""

import os
import sys
from collections.abc import Sequence

__all__ = ["bar", "columns", "plain", "sparkline", "terminal_columns"]

_NARROW = 80
_BLOCKS, _ASCII_BLOCKS = " ▁▂▃▄▅▆▇█", " .:-=+*%#"


def _blocks() -> str:
    """Block elements where stdout can print them."""
    # textual puts something in the place of stdout that prints as the terminal does, and does not say how.
    encoding = getattr(sys.stdout, "encoding", None) or getattr(sys.__stdout__, "encoding", None)
    try:
        _BLOCKS.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return _ASCII_BLOCKS
    return _BLOCKS


def sparkline(values: Sequence[int]) -> str:
    """One character a value, as high as the value is to the largest; only zero is blank."""
    blocks, peak = _blocks(), max(values, default=0) or 1
    return "".join(blocks[-(-value * (len(blocks) - 1) // peak)] for value in values)


def bar(value: int, largest: int, width: int) -> str:
    """A bar of up to ``width`` characters; one character for the least that is not zero."""
    return _blocks()[-1] * -(-value * width // (largest or 1))


def columns(rows: Sequence[Sequence[str]], *, left: int = 1, gap: str = "  ") -> list[str]:
    """Lines of aligned cells: the first ``left`` columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        gap.join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def plain(text: str) -> str:
    r"""Text from processes, files and the network with everything unprintable escaped.

    >>> plain("ngi\x1b[31mnx")
    'ngi\\x1b[31mnx'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def terminal_columns() -> int:
    """As ``shutil.get_terminal_size``, whose module costs more to import than a letter to write; 80 where none is."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _NARROW
    except (OSError, ValueError):
        return _NARROW
