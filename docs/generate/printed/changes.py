"""Plans, and what became of them."""

from docs.generate.markdown import summary
from docs.generate.printed.document import Document, keys, structures, whole
from docs.generate.structures import Headings, Key, heading_of, key_table, keys_of
from lastack.cli.change_report import PREVIEW, SCHEMA, STATES
from lastack.plan.plan import SCHEMA as PLAN
from lastack.plan.plan import LeftOut, Plan, Step
from lastack.tune.record import (
    Actor,
    Applied,
    Begun,
    Confirmed,
    Deadline,
    FileLine,
    Persisted,
    Persisting,
    Place,
    Undoing,
    Undone,
)

__all__ = ["DOCUMENTS", "SETTING"]

_HEADINGS: Headings = {Place: "Place of a change"}
_LATER = (Applied, Confirmed, Persisting, Persisted, Undoing, Undone)

SETTING = {
    "key": "its name",
    "before": "its value before the change",
    "wanted": "the value to give it",
    "now": "what the kernel made of that; `null`: it is not written",
}


def _change() -> str:
    """What the records of a change add up to."""
    states = "; ".join(f"`{state}`: {meaning}" for state, meaning in STATES.items())
    begun = {key.name: key for key in keys_of(Begun, _HEADINGS)}
    items = begun["items"]._replace(kind="list of [Setting](#setting)")
    return key_table(
        [
            Key("schema", "string", always=True, meaning=f"`{SCHEMA}`."),
            Key("state", "string", always=True, meaning=f"{states}."),
            *(begun | {"items": items}).values(),
            *(_later(heading_of(record), summary(record)) for record in _LATER),
        ]
    )


def _later(name: str, meaning: str) -> Key:
    kind = f"[{name}](#{name.lower()}) or null"
    return Key(
        name.lower(), kind, always=True, meaning=f"{meaning[0].lower()}{meaning[1:]} `null`: it has not come to that."
    )


PREVIEWED = {
    "key": "its name",
    "now": "its value; `null`: it is not there any more",
    "then": "the value that it would be given",
}

DOCUMENTS = (
    Document("plan", PLAN, "`lastack plan --json`", (whole(Plan, PLAN), *structures(Step, LeftOut))),
    Document(
        "apply, confirm, rollback, journal",
        SCHEMA,
        "`lastack apply --json`, `lastack confirm --json`, `lastack rollback --json`; `lastack journal --json` prints "
        "one a line",
        (
            _change(),
            f"### Setting\n\n{keys(SETTING)}",
            *structures(Actor, Place, Deadline, *_LATER, FileLine, headings=_HEADINGS),
        ),
    ),
    Document(
        "a change that is not made",
        PREVIEW,
        "`lastack apply --dry-run --json`, `lastack rollback --dry-run --json`; without `--dry-run` where there is "
        "nothing to change, or to undo",
        (
            keys({"schema": f"`{PREVIEW}`", "settings": "what would be written, in this order"}),
            f"### Setting that would be written\n\n{keys(PREVIEWED)}",
        ),
    ),
)
