"""Structures as tables of their keys in JSON."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from docs.generate.markdown import attributes, table

__all__ = ["AS_NAMED", "Headings", "Key", "anchor", "fields_of", "heading_of", "key_table", "keys_of"]

# Structure to the heading of its table, where that is not its name: another one on the page has it.
Headings = Mapping[type, str]
AS_NAMED: Headings = MappingProxyType({})


class Key(NamedTuple):
    """A row of such a table.

    Attributes:
        name: of the key.
        kind: type in JSON, as Markdown.
        always: whether it is always there.
        meaning: Markdown.
    """

    name: str
    kind: str
    always: bool
    meaning: str


def fields_of(structure: type[Struct], headings: Headings = AS_NAMED) -> str:
    """A table of a structure's keys: type in JSON, whether it is always there, meaning."""
    return key_table(keys_of(structure, headings))


def keys_of(structure: type[Struct], headings: Headings = AS_NAMED) -> list[Key]:
    """A structure's keys, as they are encoded, without its tag."""
    meanings, types = attributes(structure), get_type_hints(structure)
    written_out = not structure.__struct_config__.omit_defaults
    return [
        Key(
            one.encode_name,
            _kind(types[one.name], headings),
            one.required or written_out,
            _WORD.sub(lambda word: _IN_JSON[word[0]], meanings.get(one.name, "")),
        )
        for one in fields(structure)
    ]


def key_table(keys: Iterable[Key]) -> str:
    """The table."""
    rows = [(f"`{key.name}`", key.kind, "yes" if key.always else "", key.meaning) for key in keys]
    return table(["key", "type", "always", "meaning"], rows)


def heading_of(structure: type, headings: Headings = AS_NAMED) -> str:
    """What its table is headed by."""
    return headings.get(structure, structure.__name__)


def anchor(heading: str) -> str:
    """What a link to a heading ends in.

    >>> anchor("apply, confirm")
    'apply-confirm'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# What the docstrings call by its name in Python.
_IN_JSON = {"None": "`null`", "True": "`true`", "False": "`false`"}
_WORD = re.compile(r"\b(?:None|True|False)\b")
_JSON = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def _kind(hint: Any, headings: Headings) -> str:  # noqa: ANN401 - hints have no common type
    kind, inner = get_origin(hint), get_args(hint)
    if kind in {Union, UnionType}:
        return " or ".join(_kind(one, headings) for one in inner)
    if kind in {list, tuple}:
        return f"list of {_kind(inner[0], headings)}"
    if kind is dict:
        held = _kind(inner[1], headings)
        return f"object of {held}" if held.startswith(("[", "object of")) else "object"
    if kind is Literal:
        return "string"
    return _JSON.get(hint) or _link(heading_of(hint, headings))


def _link(heading: str) -> str:
    return f"[{heading}](#{anchor(heading)})"
