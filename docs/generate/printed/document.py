"""Document: a section of the page, and what its tables are made with."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from docs.generate.markdown import summary, table
from docs.generate.structures import AS_NAMED, Headings, Key, fields_of, heading_of, key_table, keys_of

__all__ = ["Document", "keys", "structures", "whole"]


class Document(NamedTuple):
    """A document.

    Attributes:
        title: of its section.
        schema: its name and version.
        command: what prints it, as Markdown.
        parts: of the section: its table first, then those of its parts.
    """

    title: str
    schema: str
    command: str
    parts: tuple[str, ...]


def keys(meanings: Mapping[str, str]) -> str:
    """The table of a document that is made by hand."""
    return table(["key", "meaning"], [(f"`{key}`", meaning) for key, meaning in meanings.items()])


def whole(structure: type[Struct], schema: str, headings: Headings = AS_NAMED) -> str:
    """The table of a document that is a structure tagged with its schema."""
    return key_table([Key("schema", "string", always=True, meaning=f"`{schema}`."), *keys_of(structure, headings)])


def structures(*parts: type[Struct], headings: Headings = AS_NAMED) -> tuple[str, ...]:
    """What documents have in them, each under a heading of its own."""
    return tuple(f"### {heading_of(one, headings)}\n\n{summary(one)}\n\n{fields_of(one, headings)}" for one in parts)
