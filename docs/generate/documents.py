"""docs/reference/json.md: the keys of what ``--json`` prints."""

from docs.generate.markdown import page_of, summary, table
from docs.generate.snapshot import fields_of
from lastack.cli.lab_recipe_report import RecipeDocument, StageDocument
from lastack.cli.trace_report import SCHEMA as TRACE_SCHEMA
from lastack.cli.trace_summary import SCHEMA as SUMMARY_SCHEMA
from lastack.doctor.diagnosis import SCHEMA
from lastack.doctor.verdicts import Finding, Healthy, Remedy, Unknown
from lastack.fleet.report import SCHEMA as FLEET
from lastack.fleet.report import Common, Deviation, Difference, Fault, FleetReport, Group, Host
from lastack.fleet.report import Place as FleetPlace
from lastack.lab.experiment.document import ArmDocument, Metric, TryDocument
from lastack.lab.experiment.observer import Look
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

__all__ = [
    "CENSUS",
    "CENSUS_GROUP",
    "CLAIM",
    "CLAIMS",
    "CONTAINER",
    "CONTAINERS",
    "DOCTOR",
    "SPAN",
    "TRACE",
    "TRACE_SUMMARY",
    "page",
]

_LIVE = (Frame, EdgeFlow, Places, Place, Target, Queue)
_COMPARISON = (Comparison, Side, Flow, StateChange, Cause, SettingChange, Event, Circumstance)

_FLEET = (FleetReport, Host, Fault, Group, Common, Difference, Deviation, FleetPlace)

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
CLAIMS = {
    "schema": "`lastack.claims/1`",
    "kernel": "release",
    "asked": "how many were to be run",
    "interrupted": "`true` where somebody ended it before all were",
    "claims": "those that were run to their end",
}
CLAIM = {
    "id": "its name",
    "statement": "what it says, one sentence",
    "source": "kernel file and function, commit, RFC section or manual page",
    "settings": "keys of the settings that it is about",
    "waits_s": "seconds that its experiment takes, nearly all of them waiting",
    "verdict": "`holds`, `fails` or `not-testable-here`",
    "observed": "what was seen, with its numbers; or why nothing could be",
    "duration_s": "seconds that it took",
}

SPAN = {
    "schema": "`lastack.census-span/1`",
    "samples": "how many the store has of that time",
    "states": "state to its `least`, `mean` and `most` sockets",
    "stretches": "the time in equal parts, those without a sample left out: `at_ms` (Unix milliseconds), `samples`, "
    "`states` as above",
}
CONTAINERS = {
    "schema": "`lastack.fleet-containers/1`",
    "netns": "`net:[inode]` of the namespace that it runs in, which the others are compared with",
    "compared": "settings that a namespace has of its own",
    "defaults_from": "`kernel`: read in a new namespace; `catalogue`: where none may be made",
    "tuned": "key to `value` and `default`, where they differ",
    "namespaces": "all others",
    "hidden": "processes whose namespaces may be missing",
    "unread": "files of container runtimes that tell nothing, to the reason",
}
CONTAINER = {
    "netns": "`net:[inode]`",
    "path": "a file to enter it by",
    "name": "its name in /run/netns; or `null`",
    "process": "`name/pid` of the process with the lowest pid in it; or `null`",
    "runtime": "`docker`, `containerd`, `cri-o`, `podman`, `lxc`, `systemd-nspawn`, `container`; `null`: in none",
    "container": "the container's name; `null` where no file tells",
    "container_id": "its id",
    "pod": "its pod's name, or `uid UID`; or `null`",
    "pod_namespace": "the Kubernetes namespace of that",
    "untuned": "key to value, the default, where the host has another",
    "own": "key to value where it is neither the default nor the host's",
    "unseen": "why it could not be looked into; or `null`",
}
TRACE = {
    "schema": f"`{TRACE_SCHEMA}`",
    "orig_h": "address of the side that opened the connection",
    "orig_p": "its port",
    "resp_h": "address of the other side",
    "resp_p": "its port",
    "conn_state": "Zeek's word for what became of it (see [lifecycles](../explanation/lifecycles.md))",
    "history": "Zeek's letters for what was seen, in order; `null` live",
    "handshake": "`kind`: `three-way`, `simultaneous`, `syn-only`, `refused`, `none` (not seen); `rtt_us`: the last "
    "SYN to the ACK; `time_us`: the first SYN to the ACK; `syn_retransmits`; `syn_ack_retransmits`",
    "teardown": "`kind`: `four-segment`, `three-segment`, `simultaneous`, `half-closed`, `reset`, `none` or null "
    "(live: one side alone does not tell); `active_closer`: `orig`, `resp`, `both` or null; `reset_by`; "
    "`reset_cause`; `reset_reason`: the kernel's own word, live",
    "time_wait": "who is left in TIME_WAIT: `orig`, `resp`, `both`, `none`",
    "time_wait_until": "when that ends: 60 s after it began, by arithmetic; or null",
    "took_over_time_wait": "whose TIME_WAIT, of the connection before, it took over: `orig`, `resp`, or null; live",
    "orig_pkts": "segments of the originator; `null` live",
    "resp_pkts": "of the responder",
    "orig_bytes": "octets of data of the originator, by sequence numbers; `null` live",
    "resp_bytes": "of the responder",
    "start": "when the first event was seen",
    "duration_s": "from then to the last event before both sides had closed",
    "orig_states": "the originator's states, each with `at_us`: microseconds from `start`, `null` where it was in the "
    "state before anything was seen",
    "resp_states": "the responder's",
    "orig_process": "the program at the originator's end; `null` where it was not seen, and in captures",
    "resp_process": "the one at the responder's",
}
TRACE_SUMMARY = {
    "schema": f"`{SUMMARY_SCHEMA}`",
    "connections": "how many",
    "packets": "packets of the capture; `null` live",
    "lost_events": "events that the kernel could not hand over, live",
    "syn_retransmits": "SYNs sent again",
    "handshake": "kind to connections",
    "teardown": "kind to connections",
    "active_closer": "who closed first to connections; an empty key: nobody",
    "time_wait": "who holds TIME_WAIT to connections",
    "conn_state": "word to connections",
    "resets": "cause to connections",
    "handshake_time_us": "the first SYN to the ACK: `count`, `p50`, `p90`, `p99` (within half a percent), `max`",
    "handshake_round_trip_us": "the last SYN to the ACK, likewise",
    "states": "for each `state` and `side`, the time spent in it: `us`, likewise",
    "listeners": "the ten largest, with counts of what became of their connections",
    "destinations": "the ten largest pairs of `source` and `destination`, likewise",
    "exact": "`false` where listeners or destinations were more than are kept, and the rarest were dropped",
    "notes": "what a reader must know, a sentence each",
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
        *_experiments(),
        f"## fleet containers\n\n`lastack fleet containers --json`\n\n{_keys(CONTAINERS)}",
        f"### Namespace\n\n{_keys(CONTAINER)}",
        f"## fleet doctor\n\n`lastack fleet doctor --json`: `schema` is `{FLEET}`, and the keys of a FleetReport.",
        *(f"### {one.__name__}\n\n{fields_of(one)}" for one in _FLEET),
        f"## lab claims\n\n`lastack lab claims --json`; [the claims](claims.md)\n\n{_keys(CLAIMS)}",
        f"### Claim\n\n{_keys(CLAIM)}",
        "## trace\n\n`lastack trace --json`, live or from a capture: an object a connection, one a line\n\n"
        + _keys(TRACE),
        f"### Summary\n\n`lastack trace --summary --json`\n\n{_keys(TRACE_SUMMARY)}",
        f"## The live stream\n\n`GET /frame` of `lastack serve`, and each event of `GET /events` (server-sent events: "
        f"`event: frame`, `id:` a number, `data:` the document): `schema` is `{LIVE}`, and the keys of a Frame. A "
        f"viewer that is slow misses frames. Findings and the like are those of [doctor](#doctor).",
        *(f"### {one.__name__}\n\n{fields_of(one)}" for one in _LIVE),
        f"### Edges\n\n{_edges()}",
        "## snapshot\n\n`lastack snapshot` writes [a format of its own](snapshot.md).",
    )


def _experiments() -> list[str]:
    """Those of the lab."""
    tried = [
        f"### {one.__name__}\n\n{summary(one)}\n\n{fields_of(one)}" for one in (TryDocument, ArmDocument, Metric, Look)
    ]
    recipe = [f"### {one.__name__}\n\n{summary(one)}\n\n{fields_of(one)}" for one in (RecipeDocument, StageDocument)]
    return [
        "## lab try\n\n`lastack lab try K=V --json` prints a TryDocument.",
        *tried,
        "## lab recipe\n\n`lastack lab recipe --json` prints a RecipeDocument.",
        *recipe,
    ]


def _edges() -> str:
    rows = [(f"`{edge.id}`", edge.event, edge.basis) for edge in EDGES]
    return table(["edge", "event", "its flow is known from"], rows)


def _keys(meanings: dict[str, str]) -> str:
    return table(["key", "meaning"], [(f"`{key}`", meaning) for key, meaning in meanings.items()])
