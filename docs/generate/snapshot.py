"""docs/reference/snapshot.md, from the structures of a sample."""

from docs.generate.markdown import page_of, summary
from docs.generate.structures import fields_of
from lastack.model.cohorts import LIMIT
from lastack.model.sample import SCHEMA, Cohort, Conntrack, Listener, OpenFiles, Promise, Sample, Silence

__all__ = ["page"]

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
