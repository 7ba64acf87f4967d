"""CLOSE_WAIT: connections that the peer closed and a process here does not.

No timer ends CLOSE_WAIT, and no setting. A few are always there, between the peer's FIN and close(). How long the
peer has been silent tells a leak from a busy moment; where that is out of sight, one sample goes by number and
proportion, two by whether they drain.
"""

from math import sqrt

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import one_decimal, percent, top
from lastack.model.holders import Holder
from lastack.model.model import Model

__all__ = [
    "CHANCE",
    "DRAIN_S",
    "FEW",
    "ID",
    "MANY",
    "OLD_S",
    "RULE",
    "SHARE",
    "TABLE_FULL",
    "check",
    "drains",
    "name_of",
]

ID = "close-wait"

# A program that closes 1,000 connections a second and takes 20 ms for each has this many at any moment.
FEW = 20
# Five times that, and one connection in twenty, is not the moment between FIN and close().
MANY = 100
SHARE = 0.05
# Standard deviations: numbers that come and go at random differ by less, the root of twice their mean being one.
CHANCE = 3
# Gone within a minute at the rate at which they fall: closing late, but closing.
DRAIN_S = 60
# Longer than that, the power of two that silences are counted in: not closing.
OLD_S = 64
# Near 1,024, the number of files that a process may open where nobody raised it, and its own limit is not visible.
TABLE_FULL = 1000
_MOST_FILES = 0.9


def check(model: Model) -> Verdict:
    """Whether some program holds connections that are over."""
    answers = [(holder, _leaks(model, holder)) for holder in model.close_wait]
    sick = [holder for holder, leaks in answers if leaks]
    if sick:
        return _finding(model, sick)
    doubtful = [holder for holder, leaks in answers if leaks is None]
    if doubtful:
        return _unknown(model, doubtful)
    return Healthy(
        id=ID, summary=_few(model), evidence=_evidence(model, model.close_wait[:1]), absent=not model.close_wait
    )


def _leaks(model: Model, holder: Holder) -> bool | None:
    """None: one sample cannot tell."""
    if holder.count < FEW:
        return False
    large_share = holder.count >= SHARE * holder.connections
    if _old(holder) >= FEW and not drains(model, holder):
        return True
    if model.change is None or holder.growth is None:
        many = holder.count >= MANY
        return many if many == large_share else None
    if drains(model, holder):
        return False
    return large_share or holder.growth > CHANCE * sqrt(2 * holder.count)


def _old(holder: Holder) -> int:
    return holder.silent_for(OLD_S) or 0


def drains(model: Model, holder: Holder) -> bool:
    """Whether they will be gone within a minute at the rate at which they fall."""
    if model.change is None or holder.growth is None:
        return False
    return holder.count * model.change.interval_s <= -holder.growth * DRAIN_S


def _unknown(model: Model, doubtful: list[Holder]) -> Unknown:
    worst = doubtful[0]
    share = f"{worst.count:,} CLOSE_WAIT among {worst.connections:,} connections"
    return Unknown(
        id=ID,
        reason=f"{name_of(worst)} has {share}, closing just now or never: {model.no_change}",
        evidence=_evidence(model, doubtful),
    )


def _few(model: Model) -> str:
    total = model.states.get("CLOSE_WAIT", 0)
    if not total:
        return "no CLOSE_WAIT"
    fullest = model.close_wait[0]
    draining = fullest.count >= FEW and drains(model, fullest)
    return f"{total:,} CLOSE_WAIT, {'draining' if draining else 'no more than closing takes'}"


def _finding(model: Model, sick: list[Holder]) -> Finding:
    worst = sick[0]
    return Finding(
        id=ID,
        severity=_severity(model, worst),
        summary=_summary(worst),
        evidence=_evidence(model, sick),
        cause=_cause(worst),
        remedies=_remedies(worst),
        confidence="high" if _stayed(worst) else "medium",
    )


def _stayed(worst: Holder) -> bool:
    """Whether they have been there for a while: a burst of closes looks the same for a moment."""
    return _old(worst) >= FEW or (worst.growth is not None and worst.count - worst.growth >= FEW)


def _severity(model: Model, worst: Holder) -> Severity:
    """Critical where a process will soon have no file left for anything else, and they are known to stay."""
    limits = {one.process: _MOST_FILES * one.limit for one in model.files or ()}
    near = any(count >= limits.get(process, TABLE_FULL) for process, count in worst.processes.items())
    return "critical" if near and _stayed(worst) else "warning"


def name_of(holder: Holder) -> str:
    """The holder as a subject of a sentence."""
    if not holder.accepted:
        return "an accept queue"
    if holder.name is not None:
        return holder.name
    return "a process out of sight" if holder.uid is None else f"a process of uid {holder.uid}"


def _summary(worst: Holder) -> str:
    trend = f", {worst.growth:,} more than before" if worst.growth and worst.growth > 0 else ""
    if not worst.accepted:
        return f"{worst.count:,} connections were closed by their peers while they wait for accept(){trend}"
    old = f", {_old(worst):,} of them for over a minute" if _old(worst) else ""
    return f"{name_of(worst)} holds {worst.count:,} connections that the peer has closed (CLOSE_WAIT){old}{trend}"


def _cause(worst: Holder) -> str:
    if not worst.accepted:
        return "The program accepts too slowly, or not at all: its peers gave up and closed."
    return (
        "The peer sent its FIN; the program has not called close(). No timer ends CLOSE_WAIT, so each keeps a file "
        "descriptor until the program closes it or ends. Usual reasons: read() returning 0 is not handled, a "
        "response is never closed, a pool keeps dead connections, workers are stuck."
    )


def _remedies(worst: Holder) -> list[Remedy]:
    if not worst.accepted:
        return [Remedy(kind="application", text="Accept faster: see accept-queue; look what the program waits for.")]
    who = name_of(worst)
    return [
        Remedy(kind="application", text=f"Close the socket when read() returns 0, and on every error path, in {who}."),
        *remedies_for("close-wait", next(iter(worst.processes), None)),
        Remedy(
            kind="application",
            text="Let the pool drop connections that are idle or closed by the peer (idle timeout, check on borrow).",
        ),
        Remedy(kind="application", text=f"Until then, restart {who}. No setting gives the descriptors back."),
    ]


def _evidence(model: Model, shown: list[Holder]) -> Evidence:
    evidence: Evidence = {"close_wait": model.states.get("CLOSE_WAIT", 0)}
    if model.change is not None:
        evidence["interval_s"] = one_decimal(model.change.interval_s)
    evidence["holders"] = [
        {
            "holder": name_of(one),
            "close_wait": one.count,
            "share_percent": percent(one.count, one.connections),
            "connections": one.connections,
            "growth": one.growth,
            f"silent_for_{OLD_S}_s": one.silent_for(OLD_S),
            "oldest_s_at_least": max(one.silent, default=None) if one.silent else None,
            "processes": top(one.processes),
            "places": top(one.places),
        }
        for one in shown[:5]
    ]
    if "processes" in model.unseen:
        evidence["processes_unseen"] = model.unseen["processes"]
    return evidence


RULE = Rule(
    id=ID,
    title="Connections that the peer closed and a process has not, by process",
    check=check,
    explanation=(
        "In CLOSE_WAIT the peer has sent its FIN and the program has not called close(). The kernel waits for "
        "ever: there is no timer and no setting. Each one keeps a file descriptor and its memory.\n\n"
        "A few are normal, between the FIN and the close(). Many, in proportion to the open connections, are "
        "a leak in the program: an end of file that is not handled, a response that is never closed, a pool "
        "that keeps dead connections, a worker that is stuck. The kernel does not say how old a CLOSE_WAIT is, but how "
        "long its peer has been silent, which is the same; twenty over a minute old are a leak. Where that is out of "
        "sight, one sample goes by number and proportion, and two show whether they drain. Those that no process "
        "holds wait in an accept queue."
    ),
    claims=("close-wait-has-no-timer",),
)
