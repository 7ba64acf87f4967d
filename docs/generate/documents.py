"""docs/reference/json.md: the keys of what ``--json`` prints."""

from docs.generate.markdown import page_of, table
from docs.generate.snapshot import fields_of
from lastack.doctor.diagnosis import SCHEMA
from lastack.doctor.verdicts import Finding, Healthy, Remedy, Unknown
from lastack.model.causes import Cause
from lastack.model.circumstances import Circumstance
from lastack.model.compare import SCHEMA as COMPARE
from lastack.model.compare import Comparison, SettingChange, Side, StateChange
from lastack.model.edges import EDGES, EdgeFlow
from lastack.model.flow import Flow
from lastack.model.places import Place, Places
from lastack.model.story import Event
from lastack.web.frame import SCHEMA as LIVE
from lastack.web.frame import Frame, Queue, Target

__all__ = ["CENSUS", "CENSUS_GROUP", "DOCTOR", "SPAN", "page"]

_LIVE = (Frame, EdgeFlow, Places, Place, Target, Queue)
_COMPARISON = (Comparison, Side, Flow, StateChange, Cause, SettingChange, Event, Circumstance)

_INTRODUCTION = """\
One document on one line. Names are snake_case with their unit at the end (`_s`, `_us`, `_bytes`, `_per_s`), times RFC
3339 in UTC. `schema` names the format and its version, which goes up when a key changes its meaning or goes away, not
when keys are added: pass over keys that you do not know."""

_COUNTS = {
    "total": "sockets",
    "states": "state to sockets; states without any are left out",
    "closes_per_second": "60 numbers, newest last: sockets that entered TIME_WAIT in that second and are in it still; "
    "`null` where the source shows no timers",
}
CENSUS = {
    "schema": "`lastack.census/1`",
    "taken_at": "when; `null` for a file that does not say",
    "kernel": "release; `null` as above",
    "netns": "`net:[inode]`, a name, or how many of how many namespaces; `null` as above",
    "source": "`sock_diag` or `proc`; for a file `netstat`, `ss`, `proc` or `snapshot`; of a recording `store`",
    "exact": "`false` where sockets changed during every dump (see [what exact means](../explanation/exact.md))",
    **_COUNTS,
    "by": "the [dimensions](dimensions.md) of the groups",
    "groups": "the largest `--top` groups, largest first",
    "rest": "all other groups together, as a group without `key`; `null` if there are none",
    "warnings": "what a reader of the numbers must know, a sentence each",
}
CENSUS_GROUP = {"key": "dimension to value; `null` where the sockets have no such thing", **_COUNTS}
DOCTOR = {
    "schema": f"`{SCHEMA}`",
    "taken_at": "when the (second) sample was taken",
    "host": "the host's name",
    "kernel": "release",
    "netns": "`net:[inode]`, or the name that it was asked for by",
    "source": "`sock_diag` or `proc`",
    "exact": "as in the census",
    "interval_s": "seconds between the two samples of `--interval`; `null` if there was one",
    "total": "sockets",
    "states": "state to sockets",
    "unseen": "what could not be read, to the reason",
    "findings": "what is wrong, worst first",
    "healthy": "what was looked at and is fine",
    "unknown": "what cannot be told",
}

SPAN = {
    "schema": "`lastack.census-span/1`",
    "samples": "how many the store has of that time",
    "states": "state to its `least`, `mean` and `most` sockets",
    "stretches": "the time in equal parts, those without a sample left out: `at_ms` (Unix milliseconds), `samples`, "
    "`states` as above",
}


def page() -> str:
    """Every key of every document."""
    verdicts = [f"### {one.__name__}\n\n{fields_of(one)}" for one in (Finding, Remedy, Healthy, Unknown)]
    return page_of(
        "JSON",
        "docs/generate/documents.py",
        _INTRODUCTION,
        f"## census\n\n`lastack census --json`\n\n{_keys(CENSUS)}",
        f"### Group\n\n{_keys(CENSUS_GROUP)}",
        f"## doctor\n\n`lastack doctor --json`\n\n{_keys(DOCTOR)}",
        *verdicts,
        f"## census over time\n\n`lastack census --between A B --json`\n\n{_keys(SPAN)}",
        "## compare\n\n`lastack compare --json`: `schema` is `" + COMPARE + "`, and the keys of a Comparison.",
        *(f"### {one.__name__}\n\n{fields_of(one)}" for one in _COMPARISON),
        f"## The live stream\n\n`GET /frame` of `lastack serve`, and each event of `GET /events` (server-sent events: "
        f"`event: frame`, `id:` a number, `data:` the document): `schema` is `{LIVE}`, and the keys of a Frame. A "
        f"viewer that is slow misses frames. Findings and the like are those of [doctor](#doctor).",
        *(f"### {one.__name__}\n\n{fields_of(one)}" for one in _LIVE),
        f"### Edges\n\n{_edges()}",
        "## snapshot\n\n`lastack snapshot` writes [a format of its own](snapshot.md).",
    )


def _edges() -> str:
    rows = [(f"`{edge.id}`", edge.event, edge.basis) for edge in EDGES]
    return table(["edge", "event", "its flow is known from"], rows)


def _keys(meanings: dict[str, str]) -> str:
    return table(["key", "meaning"], [(f"`{key}`", meaning) for key, meaning in meanings.items()])
