"""The tables of docs/reference/json.md, and in what a document is not what they say."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from docs.generate.structures import anchor

__all__ = ["Row", "Tables", "deviations", "tables_of"]

_HEADING = re.compile(r"#{2,3} (.*)")
_ROW = re.compile(r"\| `(\w+)` \| (.*) \|")
_BETWEEN = re.compile(r"(?<!\\) \| ")
_LINK = re.compile(r"\(#([\w-]+)\)")
_KINDS = {str: ("string",), bool: ("boolean",), int: ("integer", "number"), float: ("number",), type(None): ("null",)}


class Row(NamedTuple):
    """What a page says of a key.

    Attributes:
        kind: its type; empty: the table has none.
        always: whether it is always there.
    """

    kind: str
    always: bool


Tables = dict[str, dict[str, Row]]  # the anchor of a heading to the keys of the table below it


def tables_of(page: str) -> Tables:
    """The tables of a page."""
    found: Tables = {}
    at = ""
    for line in page.splitlines():
        if heading := _HEADING.fullmatch(line):
            at = anchor(heading[1])
            assert at not in found, f"two sections have the anchor {at}"
            found[at] = {}
        elif at and (row := _ROW.fullmatch(line)):
            kind, *more = _BETWEEN.split(row[2])
            found[at][row[1]] = Row(kind, more[0] == "yes") if len(more) > 1 else Row("", always=True)
    return found


def deviations(tables: Tables, document: dict[str, Any], at: str) -> Iterator[str]:
    """Keys that are not in that table or not in the document, values of another type; and so for what it links to."""
    rows = tables[at]
    yield from (f"{at}: {key} is not on the page" for key in document if key not in rows)
    yield from (f"{at}: there is no {key}" for key, row in rows.items() if row.always and key not in document)
    for key in document.keys() & rows.keys():
        kind, value = rows[key].kind, document[key]
        if kind and not _is(value, kind):
            yield f"{at}: {key} is {value!r}, no {kind}"
        if link := _LINK.search(kind):
            for part in _parts(value, kind):
                yield from deviations(tables, part, link[1])


def _parts(value: object, kind: str) -> Iterator[dict[str, Any]]:
    """Those that have the table which the type links to, at whatever depth."""
    if isinstance(value, dict) and kind.startswith("object of "):
        for one in value.values():
            yield from _parts(one, kind.removeprefix("object of "))
    elif isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _parts(one, kind.removeprefix("list of "))


def _is(value: object, kind: str) -> bool:
    if isinstance(value, list):
        return "list of" in kind
    if isinstance(value, dict):
        return "object" in kind or kind.startswith("[")
    return any(word in kind.split(" or ") for word in _KINDS[type(value)])
