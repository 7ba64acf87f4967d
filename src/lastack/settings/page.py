"""A page: what ``lastack explain`` shows and the reference prints, before it has any looks."""

from typing import Literal, NamedTuple

__all__ = ["Kind", "Page", "Section"]

Kind = Literal["setting", "counter", "state", "verdict", "finding"]


class Section(NamedTuple):
    """A part of a page, in this order.

    Attributes:
        heading: its title.
        paragraphs: running text.
        facts: (name, value).
        bullets: list items.
        table: rows of cells, the titles first.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    bullets: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


class Page(NamedTuple):
    """Everything that is said about one topic.

    Attributes:
        kind: what it is about.
        name: the topic's own name.
        summary: one sentence.
        sections: the rest; none of them is empty.
    """

    kind: Kind
    name: str
    summary: str
    sections: tuple[Section, ...]
