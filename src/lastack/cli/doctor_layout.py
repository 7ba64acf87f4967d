"""Paragraphs on a terminal: labels in a column of their own, or above where it is narrow; text that wraps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lastack.cli.draw import plain

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Line", "say"]

_GAP = 2
_NARROWEST = 20  # columns for text, however narrow the console


class Line(NamedTuple):
    """One paragraph.

    Attributes:
        label: what stands beside it, on its first line; what more than one line has in common may be left out.
        text: it wraps.
        style: of the text.
        hang: columns by which it is further in than its neighbours.
    """

    label: str
    text: str
    style: str = ""
    hang: int = 0


def say(console: "Console", lines: Sequence[Line], indent: int = 0) -> None:
    """Print the lines, their labels in one column. ``Text`` takes no markup, ``plain`` leaves no control character."""
    from rich.text import Text  # noqa: PLC0415 - only a report needs it

    widest = max((len(line.label) for line in lines), default=0)
    margin = indent + (widest + _GAP if widest else 0)
    if margin + _NARROWEST > console.width:
        lines, margin = [part for line in lines for part in _stacked(line)], indent
    for line in lines:
        beside = " " * indent + line.label.ljust(margin - indent) + " " * line.hang
        text = Text(plain(line.text), line.style)
        for part in text.wrap(console, max(console.width - margin - line.hang, _NARROWEST)):
            part.rstrip()
            console.print(Text.assemble(plain(beside), part), soft_wrap=True)
            beside = " " * (margin + line.hang)


def _stacked(line: Line) -> list[Line]:
    """The label on a line above its text."""
    text = line._replace(label="", hang=line.hang + _GAP)
    return [Line("", line.label), text] if line.label else [text]
