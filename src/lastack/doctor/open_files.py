"""Processes near their limit of open files: at the limit they can neither accept nor connect."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, one_decimal, percent
from lastack.model.machine import FileUse
from lastack.model.model import Model

__all__ = ["FULL", "ID", "NEARLY_FULL", "NOW_S", "RULE", "SOON_S", "check"]

ID = "open-files"

# A fifth of the usual 1,024 is 205 connections: what a reload or a slow upstream takes in a moment.
NEARLY_FULL = 0.8
# Programs keep a few files for logs and pipes: the next connections fail.
FULL = 0.98
SOON_S = 60
NOW_S = 10  # before anybody can act
_SHOWN = 5


def check(model: Model) -> Verdict:
    """Whether some process that holds sockets runs out of files."""
    if model.files is None:
        return Unknown(id=ID, reason="open files of processes are not in the sample")
    near = [(severity, one) for one in model.files if (severity := _severity(one))]
    if near:
        return _finding(model, near)
    hidden = {what: why for what, why in model.unseen.items() if what == "processes"}
    if not model.files and hidden and model.total:
        return Unknown(id=ID, reason=f"no process that holds these sockets is visible: {hidden['processes']}")
    summary = "no process holds sockets here"
    if model.files:
        fullest = model.files[0]
        summary = f"fullest has {fullest.open:,} of {counted(fullest.limit, 'file')} ({fullest.process})"
    return Healthy(id=ID, summary=summary, evidence=_evidence(model.files[:1]), unseen=hidden, absent=not model.files)


def _severity(one: FileUse) -> Severity | None:
    left_s = one.exhausted_in_s
    if one.open >= FULL * one.limit or (left_s is not None and left_s <= NOW_S):
        return "critical"
    if one.open >= NEARLY_FULL * one.limit or (left_s is not None and left_s <= SOON_S):
        return "warning"
    return None


def _finding(model: Model, near: list[tuple[Severity, FileUse]]) -> Finding:
    severity, worst = min(near, key=lambda pair: pair[0] != "critical")
    more = f"; {counted(len(near) - 1, 'more process', 'more processes')} likewise" if len(near) > 1 else ""
    left_s = worst.exhausted_in_s
    when = f", and none is left in {left_s:.0f} s" if left_s else ""
    return Finding(
        id=ID,
        severity=severity,
        summary=f"{worst.process} has {worst.open:,} of {counted(worst.limit, 'file')} open{when}{more}",
        evidence=_evidence([one for _, one in near]),
        cause=(
            "Each connection is an open file. At the limit (RLIMIT_NOFILE) accept() and connect() fail with EMFILE: "
            "new connections wait in the accept queue until it is full, and many programs then spin in accept()."
        ),
        remedies=_remedies(model, worst),
        confidence="high",
    )


def _remedies(model: Model, worst: FileUse) -> list[Remedy]:
    name = worst.process.rpartition("/")[0]
    leaks = [holder for holder in model.close_wait if holder.name == name and holder.count >= worst.limit / 10]
    if leaks:
        text = f"{leaks[0].count:,} of them are connections that the peer has closed: see close-wait, and close them."
        return [Remedy(kind="application", text=text), *remedies_for("files", worst.process)]
    return [
        *remedies_for("files", worst.process),
        Remedy(kind="application", text="Close what is not needed: idle timeouts, and pools with a limit."),
    ]


def _evidence(shown: list[FileUse]) -> Evidence:
    return {
        "processes": [
            {
                "process": one.process,
                "open": one.open,
                "limit": one.limit,
                "share_percent": percent(one.open, one.limit),
                "growth_per_s": None if one.growth_per_s is None else one_decimal(one.growth_per_s),
            }
            for one in shown[:_SHOWN]
        ]
    }


RULE = Rule(
    id=ID,
    title="Open files of the processes that hold sockets, against their limits",
    check=check,
    explanation=(
        "A connection is an open file, a proxied one two. RLIMIT_NOFILE's soft limit is often 1,024 where nobody "
        "raised it, and it is taken when the process starts: changing limits.conf or the unit does nothing for one "
        "that runs.\n\n"
        "At the limit accept() and connect() fail with EMFILE. The kernel's side goes on: connections are "
        "established and wait in the accept queue, which fills up. Peers see a server that takes them and never "
        "answers.\n\n"
        "A warning means that four fifths are open, or that the rest will be within a minute at the rate between two "
        "samples; critical, that nearly all are, or within ten seconds. Only processes that hold sockets of this "
        "namespace are looked at, the largest holders, and those of other users only as far as privilege goes."
    ),
    claims=("time-wait-holds-no-file",),
)
