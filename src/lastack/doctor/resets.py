"""Resets instead of closes: data that is thrown away, by this host's own programs or by its patience."""

from lastack.doctor.during import changes, during, opened, why_unseen
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, percent
from lastack.model.model import Model

__all__ = ["FEW", "ID", "RULE", "SHARE", "check"]

ID = "resets"

# Less in a few seconds is somebody who closed a browser.
FEW = 10
# Of the connections that were opened meanwhile.
SHARE = 0.1

_UNREAD, _LINGER, _GAVE_UP = "TcpExt.TCPAbortOnClose", "TcpExt.TCPAbortOnData", "TcpExt.TCPAbortOnTimeout"
_COUNTERS = {
    _UNREAD: "closed_with_unread_data",
    _LINGER: "closed_by_reset",
    "TcpExt.TCPAbortOnLinger": "closed_without_fin_wait2",
    _GAVE_UP: "given_up",
    "TcpExt.TCPAbortFailed": "resets_not_sent",
    "Tcp.EstabResets": "connections_reset",
    "Tcp.OutRsts": "resets_sent",
}


def check(model: Model) -> Verdict:
    """Whether connections end by reset, and for which reason."""
    unseen = why_unseen(model, _UNREAD)
    if unseen:
        return Unknown(id=ID, reason=unseen)
    counts = {name: model.delta(name) or 0 for name in (_UNREAD, _LINGER, _GAVE_UP)}
    reasons = [name for name, count in counts.items() if count >= FEW and count >= SHARE * opened(model)]
    if reasons:
        return _finding(model, max(reasons, key=lambda name: (name == _UNREAD, counts[name])))
    ended = model.delta("Tcp.EstabResets") or 0
    return Healthy(id=ID, summary=f"{counted(ended, 'connection')} reset {during(model)}", evidence=_evidence(model))


def _finding(model: Model, reason: str) -> Finding:
    severity, what, cause, remedy = _REASONS[reason]
    return Finding(
        id=ID,
        severity=severity,
        summary=f"{counted(model.delta(reason) or 0, 'connection')} {what} {during(model)}",
        evidence=_evidence(model),
        cause=cause,
        remedies=[remedy],
        confidence="high",
    )


def _evidence(model: Model) -> Evidence:
    evidence = changes(model, _COUNTERS)
    ended = sum(model.delta(name) or 0 for name in (_UNREAD, _LINGER, _GAVE_UP))
    return evidence | {"opened": opened(model), "share_percent": percent(ended, opened(model))}


# By the counter that tells it: severity, what happened, why, what to do.
_REASONS: dict[str, tuple[Severity, str, str, Remedy]] = {
    _UNREAD: (
        "warning",
        "closed with unread data, so the peer got a reset",
        (
            "A program here calls close() while bytes of the peer lie unread. The kernel then sends RST instead of "
            "FIN, and the peer may lose the answer that was on its way to it: clients see `connection reset by peer`."
        ),
        Remedy(
            kind="application",
            text=(
                "Read to the end before close(), or shutdown(SHUT_WR), read what comes for a while, then close(): "
                "lingering close. Usual places: an error answer before the body was read, a health check that is cut."
            ),
        ),
    ),
    _LINGER: (
        "notice",
        "ended by reset, at once or by data that came after close()",
        (
            "Either a program sets SO_LINGER to 0, which throws away what the peer has not got yet and avoids "
            "TIME_WAIT at that price, or peers send on after this side has closed. Load balancers end their health "
            "checks like that on purpose."
        ),
        Remedy(
            kind="application",
            text="Take SO_LINGER 0 out: no TIME_WAIT is worth lost data. Let the protocol end before close().",
        ),
    ),
    _GAVE_UP: (
        "notice",
        "given up, because the peer did not answer",
        (
            "Retransmissions, keepalive or TCP_USER_TIMEOUT ran out: peers vanished without a word, or a middlebox "
            "forgot the connection. Connections that could not be opened count too."
        ),
        Remedy(
            kind="network",
            text="See vanished-peers, syn-sent and unacknowledged, which name the places where peers are silent now.",
        ),
    ),
}

RULE = Rule(
    id=ID,
    title="Connections that end by reset instead of close",
    check=check,
    explanation=(
        "A close is a FIN and loses nothing. A reset throws away what is on its way. The kernel counts why it sent "
        "one: TCPAbortOnClose, a program closed with unread data; TCPAbortOnData, SO_LINGER was 0, or data came after "
        "close(); TCPAbortOnTimeout, nobody answered; TCPAbortOnLinger, TCP_LINGER2 was negative.\n\n"
        "Closing with unread data is a warning from a tenth of the opened connections on, for peers lose answers. The "
        "others are notices: they may be meant. It takes two samples, for these are counters since boot."
    ),
    claims=("linger-zero-resets", "close-with-unread-data-resets"),
)
