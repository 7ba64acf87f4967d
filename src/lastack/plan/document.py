"""A plan as a file for people and programs: TOML, long sentences folded, read back as it was."""

import textwrap
import tomllib
from typing import Any

import tomlkit
from msgspec import ValidationError, convert, to_builtins
from tomlkit.items import Item, Table

from lastack.errors import InputError
from lastack.plan.plan import SCHEMA, Plan, validated

__all__ = ["decode", "encode"]

_WIDTH = 100
_TABLES = ("step", "left_out")  # TOML wants the plain fields first


def encode(plan: Plan) -> str:
    """The plan as TOML."""
    document = tomlkit.document()
    document.add(tomlkit.comment("A plan of lastack: read it, edit it, then run: lastack apply FILE"))
    fields = to_builtins(plan)
    for name, value in fields.items():
        if name not in _TABLES:
            document.add(name, _item(value))
    for name in _TABLES:
        if fields.get(name):
            tables = tomlkit.aot()
            for row in fields[name]:
                tables.append(_table(row))
            document.add(name, tables)
    return tomlkit.dumps(document)


def decode(content: bytes, name: str) -> Plan:
    """The plan in a file.

    Args:
        content: the whole file.
        name: its name in errors.

    Raises:
        InputError: ``not-a-plan``, naming the place in the file; ``bad-setting-name``, ``bad-setting-value``,
            ``cannot-be-undone``.
    """
    try:
        fields = tomllib.loads(content.decode())
        if "schema" not in fields:
            raise _not_a_plan(name, f'expected schema = "{SCHEMA}"')
        plan = convert(fields, Plan)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise _not_a_plan(name, str(error)) from None
    return validated(plan)


def _not_a_plan(name: str, why: str) -> InputError:
    return InputError("not-a-plan", f"{name} is no plan: {why}", "`lastack plan -o FILE` writes one")


def _table(row: dict[str, Any]) -> Table:
    table = tomlkit.table()
    for name, value in row.items():
        table.add(name, _item(value))
    return table


def _item(value: str | list[str]) -> Item:
    if isinstance(value, str):
        return _string(value)
    array = tomlkit.array()
    for text in value:
        array.append(_string(text))
    return array.multiline(multiline=True)


def _string(text: str) -> Item:
    """A long sentence as several lines that TOML joins again, each ending in a backslash; quotes need none."""
    text = text.encode(errors="replace").decode()
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    if len(lines) < 2 or " ".join(lines) != text:
        return tomlkit.string(text, literal='"' in text and "'" not in text and text.isprintable())
    escaped = [tomlkit.string(line).as_string()[1:-1] for line in lines]
    folded = " \\\n  ".join(escaped)
    return tomlkit.string(f"\\\n  {folded}", multiline=True, escape=False)
