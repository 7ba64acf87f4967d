"""Peers that do not read: their window is closed, and this host keeps the data for them."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, percent, top
from lastack.model.model import Model

__all__ = ["FEW", "ID", "RULE", "SHARE", "check"]

ID = "zero-window"

FEW = 20
# A client that pauses a download is one; a tenth of all connections is no taste of theirs.
SHARE = 0.1
MANY = 100


def check(model: Model) -> Verdict:
    """Whether many open connections wait for a peer that does not read."""
    if not model.has_timers and model.open.count:
        return Unknown(id=ID, reason="the sample does not tell which connections wait for room")
    severity = _severity(model)
    if severity:
        return _finding(model, severity)
    summary = f"{model.open.probed:,} of {model.open.count:,} peers have no room" if model.open.count else "no peers"
    return Healthy(id=ID, summary=summary, evidence=_evidence(model), absent=not model.open.count)


def _severity(model: Model) -> Severity | None:
    closed, every = model.open.probed, model.open.count
    if closed < FEW or closed < SHARE * every:
        return None
    return "warning" if closed >= MANY else "notice"


def _finding(model: Model, severity: Severity) -> Finding:
    return Finding(
        id=ID,
        severity=severity,
        summary=f"{counted(model.open.probed, 'peer')} do not read what is sent to them ({top(model.open.probed_at)})",
        evidence=_evidence(model),
        cause=(
            "The peer's receive buffer is full and stays full, so its window is zero, and the kernel asks it from time "
            "to time. As long as the peer answers, there is no limit to that; the data stays in this host's memory and "
            "the program's buffers fill. A peer that is stuck, a consumer that is too slow, or somebody who means it."
        ),
        remedies=[
            Remedy(
                kind="application",
                text="Set a time limit on sending (nginx send_timeout, SO_SNDTIMEO, TCP_USER_TIMEOUT) and close then.",
            ),
            Remedy(kind="application", text="Where the peers are services of yours: find what they wait for."),
        ],
        confidence="high",
    )


def _evidence(model: Model) -> Evidence:
    return {
        "open": model.open.count,
        "peers_without_room": model.open.probed if model.has_timers else None,
        "share_percent": percent(model.open.probed, model.open.count),
        "places": top(model.open.probed_at),
    }


RULE = Rule(
    id=ID,
    title="Peers that do not read",
    check=check,
    explanation=(
        "A receiver says how much room it has; when that is none, the sender waits and probes. A short pause is flow "
        "control at work. Twenty connections or more, and a tenth of all, at one moment mean that the programs at the "
        "other end have stopped reading; a hundred are a warning.\n\n"
        "No timer ends such a connection while the peer's kernel answers the probes. Once this side has closed it, the "
        "rest of its data keeps it in FIN_WAIT1, which vanished-peers looks at."
    ),
)
