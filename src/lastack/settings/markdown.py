"""Pages as Markdown: the reference on paper, and what a terminal renders."""

from collections.abc import Iterator, Sequence

from lastack.settings.page import Page, Section

__all__ = ["markdown"]

# What Markdown would take for its own. Underscores inside of words are left alone by it.
_ESCAPES = str.maketrans({"*": r"\*", "<": "&lt;", ">": "&gt;", "|": r"\|"})


def markdown(page: Page, level: int = 1) -> Iterator[str]:
    """The page as lines of Markdown, its title a heading of that level."""
    yield f"{'#' * level} {_text(page.name)}"
    yield ""
    yield _text(page.summary)
    for section in page.sections:
        yield ""
        yield f"{'#' * (level + 1)} {_text(section.heading)}"
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    for paragraph in section.paragraphs:
        yield ""
        yield _text(paragraph)
    if section.facts:
        yield ""
        yield from (f"- **{_text(name)}**: {_text(value)}" for name, value in section.facts)
    if section.bullets:
        yield ""
        yield from (f"- {_text(bullet)}" for bullet in section.bullets)
    if section.table:
        yield from ("", *_table(section.table))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    titles, *body = rows
    yield _cells(titles)
    yield f"|{' --- |' * len(titles)}"
    yield from map(_cells, body)


def _cells(row: Sequence[str]) -> str:
    return f"| {' | '.join(map(_text, row))} |"


def _text(text: str) -> str:
    return text.translate(_ESCAPES)
