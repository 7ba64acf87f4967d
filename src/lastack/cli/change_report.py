"""Changes of settings as text and as JSON: shared by apply, confirm, rollback and journal."""

import json
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import to_builtins

from lastack.cli.draw import plain
from lastack.plan.value import same
from lastack.tune.change import Change, State
from lastack.tune.record import Actor, Item, Undone

__all__ = [
    "PREVIEW",
    "SCHEMA",
    "STATES",
    "as_json",
    "as_preview",
    "changed_lines",
    "header",
    "item_lines",
    "named",
    "undone_lines",
    "wrapped",
]

SCHEMA = "lastack.change/1"
PREVIEW = "lastack.preview/1"

STATES: dict[State, str] = {
    "applying": "left unfinished: the next `lastack rollback` or `apply` undoes it",
    "waiting": "applied, waits for `lastack confirm`",
    "kept": "in effect",
    "undoing": "half undone: the next `lastack rollback` or `apply` finishes that",
    "undone": "undone",
    "rebooted": "ended with the reboot",
}

_OVERDUE = "not confirmed in time: the next `lastack rollback` or `apply` undoes it"
_WIDEST = 100


def as_json(change: Change, boot_id: str | None) -> str:
    """The document of schema ``lastack.change/1``."""
    begun: dict[str, Any] = to_builtins(change.begun)
    begun.pop("record")
    settings = [
        {"key": item.key, "before": item.before, "wanted": item.wanted, "now": change.wrote.get(index)}
        for index, item in enumerate(change.begun.items)
    ]
    later = {
        name: {key: value for key, value in to_builtins(record).items() if key != "record"} if record else None
        for name, record in (
            ("applied", change.applied),
            ("confirmed", change.confirmed),
            ("persisting", change.persisting),
            ("persisted", change.persisted),
            ("undoing", change.undoing),
            ("undone", change.undone),
        )
    }
    document = {"schema": SCHEMA, "state": change.state(boot_id)} | begun | {"items": settings} | later
    return json.dumps(document)


def as_preview(becoming: Iterable[tuple[str, str | None, str]]) -> str:
    """The document of schema ``lastack.preview/1``: key, what it is now, what it would be. Nothing is done."""
    settings = [{"key": key, "now": now, "then": then} for key, now, then in becoming]
    return json.dumps({"schema": PREVIEW, "settings": settings})


def header(change: Change, boot_id: str | None, boottime_s: float) -> str:
    """One line: which, when, who, where if it was elsewhere, and what became of it."""
    begun = change.begun
    state = change.state(boot_id)
    standing = _OVERDUE if state == "waiting" and change.overdue(boottime_s) else STATES[state]
    why = f": {change.undoing.why}" if change.undoing else ""
    where = [f"netns {begun.place.target}"] if begun.place.target else []
    return plain("  ".join([f"change {change.id}", begun.at, named(begun.by), *where, f"{standing}{why}"]))


def named(actor: Actor) -> str:
    """Who it was, in a word or two."""
    login = f" (logged in as {actor.login})" if actor.login else ""
    return f"{actor.user}{login}"


def item_lines(items: Sequence[Item]) -> list[str]:
    """One line a setting: from what to what."""
    width = max((len(item.key) for item in items), default=0)
    return [plain(f"  {item.key:{width}}  {_shown(item.before)} -> {_shown(item.wanted)}") for item in items]


def changed_lines(change: Change) -> list[str]:
    """Where the kernel made another value of what was written, and what went into sysctl.d."""
    lines = []
    for index, value in change.wrote.items():
        item = change.begun.items[index]
        if not same(item.key, value, item.wanted):
            lines.append(plain(f"  {item.key}: the kernel made {_shown(value)} of {_shown(item.wanted)}"))
    if change.persisted and change.persisting:
        lines.append(plain(f"  {change.persisting.path} has it for the next boot"))
    return lines


def undone_lines(change: Change, undone: Undone) -> Iterable[str]:
    """What became of an undone change, with what was left alone."""
    yield f"change {change.id} is undone" + (f": {change.undoing.why}" if change.undoing else "")
    for key, value in undone.left.items():
        yield plain(f"  {key} is {_shown(value)}, which somebody else set since: left alone")
    for key in undone.gone:
        yield plain(f"  {key} is not there any more")


def wrapped(text: str, first: str, rest: str) -> str:
    """A paragraph as wide as the terminal."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.fill(plain(text), max(width, 2 * len(rest) + 20), initial_indent=first, subsequent_indent=rest)


def _shown(value: str) -> str:
    return value or "(empty)"
