"""FIN_WAIT1, CLOSING and LAST_ACK: FINs that nobody acknowledges, because the peer is gone or does not read."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, percent, top
from lastack.model.model import Model

__all__ = ["FEW", "ID", "MANY", "RULE", "SHARE", "check"]

ID = "vanished-peers"

# Phones that leave the network: some are always there.
FEW = 20
# A hundred, and one in ten of all connections, are no phones: something between drops what is sent.
MANY = 100
SHARE = 0.1
_SOME = 0.05

_STATES = ("FIN_WAIT1", "CLOSING", "LAST_ACK")


def check(model: Model) -> Verdict:
    """Whether closes pile up because their FIN gets no answer."""
    closing = model.closing
    if not model.has_timers and closing.count >= FEW and closing.count >= _SOME * _all(model):
        reason = f"{closing.count:,} connections are closing, and the sample does not tell whether their peers answer"
        return Unknown(id=ID, reason=reason, evidence=_evidence(model))
    severity = _severity(model)
    if severity:
        return _finding(model, severity)
    return Healthy(id=ID, summary=_summary(model), evidence=_evidence(model), absent=not model.closing.count)


def _all(model: Model) -> int:
    return model.open.count + model.closing.count


def _severity(model: Model) -> Severity | None:
    stuck = model.closing.retried + model.closing.probed
    if stuck >= MANY and stuck >= SHARE * _all(model):
        return "warning"
    return "notice" if stuck >= FEW and stuck >= _SOME * _all(model) else None


def _summary(model: Model) -> str:
    closing = model.closing
    if not closing.count:
        return "no close waits for its peer"
    return f"{counted(closing.count, 'connection')} closing, no pile-up of peers that are silent"


def _finding(model: Model, severity: Severity) -> Finding:
    closing = model.closing
    unread = closing.probed > closing.retried
    what = "whose peer does not read what is left" if unread else "whose peer does not answer"
    stuck = closing.probed if unread else closing.retried
    before = closing.retried_before
    grown = 0 if before is None else closing.retried - before
    trend = f", {grown:,} more than before" if grown > 0 else ""
    places = top(closing.probed_at if unread else closing.retried_at)
    return Finding(
        id=ID,
        severity=severity,
        summary=f"{stuck:,} closed connections {what}{trend} ({places})",
        evidence=_evidence(model),
        cause=_cause(model, unread=unread),
        remedies=[
            Remedy(
                kind="network",
                text=(
                    "Find who drops: capture one of these ports at both ends. A middlebox's idle timeout must be "
                    "longer than the application's, or the application must send keepalives within it."
                ),
            )
        ],
        confidence="high" if stuck >= MANY else "medium",
    )


def _cause(model: Model, *, unread: bool) -> str:
    if unread:
        return (
            "The program has closed, but the peer has no room for the data before the FIN: it keeps the connection "
            "and does not read. The kernel asks on until its patience for orphans is over, and keeps the data."
        )
    last = model.closing.retried_by_state.get("LAST_ACK", 0)
    first = model.closing.retried - last
    told = "the peer closed first and was gone before our FIN" if last > first else "this side closed first"
    return (
        f"The FIN is sent again and again and nothing comes back ({told}): peers that vanished without a word, or a "
        "firewall, NAT or load balancer that has forgotten the connection and drops what belongs to it. Each is given "
        "up after about 100 s (tcp_orphan_retries), and counts as an orphan until then."
    )


def _evidence(model: Model) -> Evidence:
    closing = model.closing
    evidence: Evidence = {state.lower(): model.states.get(state, 0) for state in _STATES}
    return evidence | {
        "orphans": closing.orphans,
        "fins_sent_again": closing.retried if model.has_timers else None,
        "peers_without_room": closing.probed if model.has_timers else None,
        "share_percent": percent(closing.retried + closing.probed, _all(model)),
        "sent_again_before": closing.retried_before,
        "places": top(closing.retried_at or closing.probed_at),
    }


RULE = Rule(
    id=ID,
    title="Closed connections whose peer does not answer",
    check=check,
    explanation=(
        "FIN_WAIT1, CLOSING and LAST_ACK last for one round trip: this side has sent its FIN and waits for the "
        "acknowledgement. What stays there is sent again with growing pauses, eight times for an orphan "
        "(tcp_orphan_retries 0 means 8), about 100 s in all. The kernel shows whether a socket's FIN is on its way for "
        "the first time or has been repeated, so one sample tells a busy server from one whose peers are gone.\n\n"
        "A few are phones out of reach. A hundred or more, and one connection in ten, mean that something in between "
        "drops segments of old connections. In LAST_ACK the peer closed first, in FIN_WAIT1 this side did. A peer that "
        "keeps the connection and does not read (zero window) leaves FIN_WAIT1 with data in it."
    ),
    claims=("orphan-retries-time", "orphan-retries-zero-is-eight"),
)
