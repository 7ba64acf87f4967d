"""Open connections whose data nobody acknowledges."""

from lastack.doctor.during import changes
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, percent, top
from lastack.model.model import Model

__all__ = ["FEW", "ID", "RULE", "SHARE", "check"]

ID = "unacknowledged"

FEW = 20
# A lossy path repeats one segment in a hundred; one connection in ten at one moment is no loss but silence.
SHARE = 0.1
_SOME = 0.05

_COUNTERS = {"Tcp.RetransSegs": "segments_sent_again", "Tcp.OutSegs": "segments_sent"}


def check(model: Model) -> Verdict:
    """Whether many open connections repeat what they have sent."""
    if not model.has_timers and model.open.count:
        return Unknown(id=ID, reason="the sample does not tell which connections wait for an answer")
    severity = _severity(model)
    if severity:
        return _finding(model, severity)
    return Healthy(id=ID, summary=_summary(model), evidence=_evidence(model), absent=not model.open.count)


def _severity(model: Model) -> Severity | None:
    silent, every = model.open.retried, model.open.count
    if silent < FEW or silent < _SOME * every:
        return None
    return "warning" if silent >= SHARE * every else "notice"


def _summary(model: Model) -> str:
    if not model.open.count:
        return "no open connections"
    return f"{model.open.retried:,} of {counted(model.open.count, 'open connection')} wait for an answer"


def _finding(model: Model, severity: Severity) -> Finding:
    silent = model.open
    return Finding(
        id=ID,
        severity=severity,
        summary=(
            f"{silent.retried:,} of {counted(silent.count, 'open connection')} send the same again and get no answer "
            f"({top(silent.retried_at)})"
        ),
        evidence=_evidence(model),
        cause=(
            "Data was sent and nothing acknowledges it: the peers are gone, or a firewall, NAT or load balancer has "
            "forgotten these connections, or the path loses packets. The kernel goes on for about 15 minutes "
            "(tcp_retries2 of 15) before the program hears of it."
        ),
        remedies=[
            Remedy(
                kind="network",
                text="One place: look at that peer and at what lies between. Many: look at this host's own way out.",
            ),
            Remedy(
                kind="application",
                text="TCP_USER_TIMEOUT, or a time limit for each request, ends such a connection in seconds.",
            ),
        ],
        confidence="high",
    )


def _evidence(model: Model) -> Evidence:
    silent = model.open
    evidence: Evidence = {
        "open": silent.count,
        "without_answer": silent.retried if model.has_timers else None,
        "share_percent": percent(silent.retried, silent.count),
        "without_answer_before": silent.retried_before,
        "places": top(silent.retried_at),
    }
    return evidence | changes(model, _COUNTERS)


RULE = Rule(
    id=ID,
    title="Open connections whose data is not acknowledged",
    check=check,
    explanation=(
        "An open connection that has sent data gets it acknowledged within a round trip. If not, the kernel sends it "
        "again, after 0.2 s at first, then with pauses that double, for about a quarter of an hour. The kernel shows "
        "which sockets are doing that at the moment of the sample.\n\n"
        "A lost packet is repeated once and is over before anybody looks. Twenty connections and a twentieth of all "
        "that repeat at the same moment are a notice, a tenth a warning: their peers are gone, or something in between "
        "has forgotten them. The census calls all of these ESTABLISHED."
    ),
    claims=("retries2-time", "retries2-yields-to-user-timeout"),
)
