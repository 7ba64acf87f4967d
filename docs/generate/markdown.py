"""Small pieces of Markdown out of docstrings and tables."""

import inspect
import re
from collections.abc import Iterable, Sequence

__all__ = ["attributes", "page_of", "summary", "table", "text"]

_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def page_of(title: str, source: str, *parts: str) -> str:
    """A page: title, where it is made from, parts a blank line apart."""
    made = f"<!-- Made by `make docs` from {source}: change that. -->"
    return "\n\n".join([f"# {title}", made, *(part.strip("\n") for part in parts)]) + "\n"


def text(raw: str) -> str:
    """Text from the code as Markdown: code spans in single backquotes, nothing outside of them taken for HTML.

    >>> text("``a<b`` is STATE<TAB>N")
    '`a<b` is STATE&lt;TAB>N'
    """
    spans = raw.replace("``", "`").split("`")
    return "`".join(span if at % 2 else span.replace("<", "&lt;") for at, span in enumerate(spans))


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Cells are Markdown already."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def summary(documented: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return text(" ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split()))


def attributes(documented: type) -> dict[str, str]:
    """Name to description, from the Attributes section of a class's docstring."""
    _, _, section = (inspect.getdoc(documented) or "").partition("Attributes:\n")
    return {name: text(" ".join(meaning.split())) for name, meaning in _ATTRIBUTE.findall(section)}
