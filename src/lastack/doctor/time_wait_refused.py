"""TIME_WAIT refused: closes that get no TIME_WAIT because the limit is reached, or memory short. Nothing is logged."""

from lastack.doctor.during import changes, during, why_unseen
from lastack.doctor.rule import Rule
from lastack.doctor.time_wait import LIMIT, make_room
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.model import Model

__all__ = ["ID", "RULE", "check"]

ID = "time-wait-refused"

_OVERFLOW = "TcpExt.TCPTimeWaitOverflow"
_COUNTERS = {_OVERFLOW: "time_wait_overflows", "TcpExt.TW": "time_wait_entered"}


def check(model: Model) -> Verdict:
    """Whether the kernel forgets connections that should be in TIME_WAIT."""
    unseen = why_unseen(model, _OVERFLOW)
    if unseen:
        return Unknown(id=ID, reason=unseen)
    refused = model.delta(_OVERFLOW) or 0
    if refused:
        return _finding(model, refused)
    return Healthy(id=ID, summary=f"no close went without {during(model)}", evidence=_evidence(model))


def _finding(model: Model, refused: int) -> Finding:
    return Finding(
        id=ID,
        severity="warning",
        summary=f"{counted(refused, 'close')} {during(model)} got no TIME_WAIT: the kernel has no room for more",
        evidence=_evidence(model),
        cause=(
            f"{LIMIT} is {model.time_wait.limit}, and TIME_WAIT shares it with orphaned FIN_WAIT2. Beyond it the "
            "kernel forgets a connection as soon as this side closes it, often before the peer has sent its last word: "
            "that is answered with RST, and a late segment can reach a new connection of the same ports."
        ),
        remedies=[
            make_room(model, refused),
            Remedy(
                kind="application",
                text="Close less: keep connections open for more requests, or let the other side close first.",
            ),
        ],
        confidence="high",
    )


def _evidence(model: Model) -> Evidence:
    evidence: Evidence = {"mini_sockets": model.time_wait.mini_sockets, "limit": model.time_wait.limit}
    return changes(model, _COUNTERS) | evidence


RULE = Rule(
    id=ID,
    title="Closes that get no TIME_WAIT",
    check=check,
    explanation=(
        "When tcp_max_tw_buckets is reached the kernel makes no TIME_WAIT: the side that closes forgets the connection "
        "before the peer's FIN has come, and answers that with RST. Old documents speak of a line in the log; there is "
        "none. TCPTimeWaitOverflow alone tells, and only its growth: what it counted since boot may be long over.\n\n"
        "Who lowered the limit to make a census look better has bought resets with it. A limit of 262,144 costs 137 MB "
        "at most, when full."
    ),
    claims=(
        "tw-buckets-overflow-is-counted",
        "tw-buckets-overflow-answers-with-rst",
        "tw-buckets-cap-orphan-fin-wait2",
    ),
)
