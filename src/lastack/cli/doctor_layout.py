"""Paragraphs on a terminal: labels in a column of their own, or above where it is narrow; text that wraps.

Plain functions, as in ``draw``: a library for that would cost the doctor a third of its time.
"""

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple, TextIO

from lastack.cli.draw import plain

__all__ = ["STYLES", "Line", "Sheet", "say"]

# ECMA-48, Select Graphic Rendition.
STYLES = {"bold": "1", "quiet": "2", "critical": "1;31", "warning": "1;33", "notice": "1;36"}

_GAP = 2
_NARROWEST = 20  # columns for text, however narrow the sheet


class Sheet(NamedTuple):
    """What is written on.

    Attributes:
        out: takes the text.
        width: in columns.
        color: whether styles are shown.
    """

    out: TextIO
    width: int
    color: bool = False


class Line(NamedTuple):
    """One paragraph.

    Attributes:
        label: what stands beside it, on its first line.
        text: it wraps.
        style: of the text, a key of ``STYLES``; empty: none.
        hang: columns by which it is further in than its neighbours.
    """

    label: str
    text: str
    style: str = ""
    hang: int = 0


def say(sheet: Sheet, lines: Sequence[Line], indent: int = 0) -> None:
    """Write the lines, their labels in one column. ``plain`` leaves no control character in them."""
    widest = max((len(plain(line.label)) for line in lines), default=0)
    margin = indent + (widest + _GAP if widest else 0)
    if margin + _NARROWEST > sheet.width:
        lines, margin = [part for line in lines for part in _stacked(line)], indent
    for line in lines:
        beside = " " * indent + plain(line.label).ljust(margin - indent) + " " * line.hang
        room = max(sheet.width - margin - line.hang, _NARROWEST)
        for part in wrap(plain(line.text), room, break_on_hyphens=False):
            sheet.out.write(f"{beside}{_styled(sheet, part, line.style)}\n")
            beside = " " * (margin + line.hang)


def _stacked(line: Line) -> list[Line]:
    """The label on a line above its text."""
    text = line._replace(label="", hang=line.hang + _GAP)
    return [Line("", line.label), text] if line.label else [text]


def _styled(sheet: Sheet, text: str, style: str) -> str:
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if sheet.color and style else text
