"""docs/reference/snapshot.md, from the structures of a sample."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from docs.generate.markdown import attributes, page_of, summary, table
from lastack.model.cohorts import LIMIT
from lastack.model.sample import SCHEMA, Cohort, Conntrack, Listener, OpenFiles, Promise, Sample, Silence

__all__ = ["fields_of", "page"]

_INTRODUCTION = f"""\
`lastack snapshot` writes one line of JSON in UTF-8: a [Sample](#sample) whose `schema` is `{SCHEMA}`. What is unknown,
empty or at its default is left out, and a reader passes over keys that it does not know. The number in the schema goes
up when an old reader would misunderstand a new file, not when keys are added.

Several snapshots in one file, a line each, are a recording: the last is what is looked at, and those of the minute
before it show its rates. `lastack snapshot >> before.jsonl` makes one.

Sockets are kept as *cohorts*, so the file stays small: about {LIMIT:,} rows at most, however many sockets there are.
See [how sockets are folded](../explanation/cohorts.md)."""


def page() -> str:
    """The format of a snapshot file."""
    parts = [
        f"## {one.__name__}\n\n{summary(one)}\n\n{fields_of(one)}"
        for one in (Sample, Cohort, Silence, Listener, Conntrack, OpenFiles, Promise)
    ]
    return page_of("Snapshot files", "lastack.model.sample", _INTRODUCTION, *parts)


def fields_of(structure: type[Struct]) -> str:
    """A table of a structure's keys: type in JSON, whether it is always there, meaning."""
    meanings, types = attributes(structure), get_type_hints(structure)
    rows = [
        (f"`{one.name}`", _type(types[one.name]), "yes" if one.required else "", meanings.get(one.name, ""))
        for one in fields(structure)
    ]
    return table(["key", "type", "always", "meaning"], rows)


_JSON = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def _type(hint: Any) -> str:  # noqa: ANN401 - hints have no common type
    kind, inner = get_origin(hint), get_args(hint)
    if kind in {Union, UnionType}:
        return " or ".join(map(_type, inner))
    if kind in {list, tuple}:
        return f"list of {_type(inner[0])}"
    if kind is dict:
        return "object"
    if kind is Literal:
        return "string"
    return _JSON.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"
