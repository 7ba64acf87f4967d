"""A page as plain text, as JSON, or on a terminal."""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from lastack.settings.markdown import markdown
from lastack.settings.page import Page, Section

__all__ = ["SCHEMA", "TOPICS", "as_document", "as_text", "as_topics", "print_page"]

SCHEMA = "lastack.explain/1"
TOPICS = "lastack.topics/1"

_WIDTH = 100


def as_document(page: Page) -> dict[str, Any]:
    """The page as the document ``lastack.explain/1``."""
    return {"schema": SCHEMA, **page._asdict(), "sections": [section._asdict() for section in page.sections]}


def as_topics(topics: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What there are pages about, each a kind and a name, as the document ``lastack.topics/1``."""
    return {"schema": TOPICS, "topics": [{"kind": kind, "name": name} for kind, name in topics]}


def as_text(page: Page) -> Iterator[str]:
    """The page as lines of plain text."""
    yield f"{page.name} ({page.kind})"
    yield from _wrap(page.summary)
    for section in page.sections:
        yield ""
        yield section.heading.upper()
        yield from _section(section)


def print_page(page: Page, *, color: bool) -> None:
    """Print the page on a terminal, as wide as that is, up to what is good to read."""
    from rich.console import Console  # noqa: PLC0415 - pipes do without rich
    from rich.markdown import Markdown  # noqa: PLC0415 - as above

    console = Console(no_color=not color, highlight=False)
    console.print(Markdown("\n".join(markdown(page, level=2))), width=min(console.width, _WIDTH))


def _section(section: Section) -> Iterator[str]:
    for paragraph in section.paragraphs:
        yield from _wrap(paragraph, "  ")
    label = max((len(name) for name, _ in section.facts), default=0)
    for name, value in section.facts:
        yield from _wrap(value, " " * (label + 4), f"  {name:<{label}}  ")
    for bullet in section.bullets:
        yield from _wrap(bullet, "    ", "  - ")
    if section.table:
        titles, *body = section.table
        for first, *rest in body:
            yield from _wrap(first, "    ", "  - ")
            for title, cell in zip(titles[1:], rest, strict=True):
                yield from _wrap(f"{title}: {cell}", "      ")


def _wrap(text: str, indent: str = "", first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
