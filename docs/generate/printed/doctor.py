"""Diagnoses, comparisons, and what they are made of."""

from docs.generate.printed.document import Document, keys, structures, whole
from lastack.doctor.diagnosis import SCHEMA
from lastack.doctor.verdicts import Finding, Healthy, Remedy, Unknown
from lastack.model.causes import Cause
from lastack.model.circumstances import Circumstance
from lastack.model.compare import SCHEMA as COMPARE
from lastack.model.compare import Comparison, SettingChange, Side, StateChange
from lastack.model.flow import Flow
from lastack.model.sample import SCHEMA as SAMPLE
from lastack.model.story import Event

__all__ = ["DOCTOR", "DOCUMENTS"]

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

DOCUMENTS = (
    Document(
        "doctor", SCHEMA, "`lastack doctor --json`", (keys(DOCTOR), *structures(Finding, Remedy, Healthy, Unknown))
    ),
    Document("snapshot", SAMPLE, "`lastack snapshot`", ("It is [a format of its own](snapshot.md).",)),
    Document(
        "compare",
        COMPARE,
        "`lastack compare --json`",
        (whole(Comparison, COMPARE), *structures(Side, Flow, StateChange, Cause, SettingChange, Event, Circumstance)),
    ),
)
