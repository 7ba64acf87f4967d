"""SYN_SENT: connections to a destination that does not answer."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.destinations import Destination
from lastack.model.model import Model

__all__ = ["FEW", "ID", "MANY", "RULE", "check"]

ID = "syn-sent"

# A lost SYN now and then is the internet's; several at once to one place are that place's.
FEW = 5
MANY = 20
_SHOWN = 5


def check(model: Model) -> Verdict:
    """Whether SYNs to some destination get no answer."""
    dead = [(severity, one) for one in model.destinations if (severity := _severity(one))]
    if dead:
        return _finding([one for _, one in sorted(dead, key=_badness)], min(dead, key=_badness)[0])
    waiting = model.states.get("SYN_SENT", 0)
    if waiting >= MANY and not model.has_timers:
        reason = f"{waiting:,} SYN_SENT, and the sample does not tell whether their SYN was sent again"
        return Unknown(id=ID, reason=reason, evidence=_evidence(model.destinations))
    return Healthy(id=ID, summary=_summary(waiting), evidence={"syn_sent": waiting}, absent=not waiting)


def _summary(waiting: int) -> str:
    return f"{waiting:,} SYN_SENT, few of them sent again" if waiting else "no SYN_SENT"


def _severity(one: Destination) -> Severity | None:
    """Critical where nothing gets through at all, and it is no matter of the first second."""
    if one.syns_retried >= MANY:
        return "warning" if _answers(one) else "critical"
    if one.states.get("SYN_SENT", 0) >= MANY and not _answers(one):
        return "warning"
    return "notice" if one.syns_retried >= FEW else None


def _answers(one: Destination) -> bool:
    return one.in_use > one.states.get("SYN_SENT", 0)


def _unanswered(one: Destination) -> int:
    return one.syns_retried if _answers(one) else one.states.get("SYN_SENT", 0)


def _badness(pair: tuple[Severity, Destination]) -> tuple[int, int]:
    return ("critical", "warning", "notice").index(pair[0]), -pair[1].syns_retried


def _finding(dead: list[Destination], severity: Severity) -> Finding:
    worst = dead[0]
    more = f"; {counted(len(dead) - 1, 'more destination')} likewise" if len(dead) > 1 else ""
    gets = "others get one" if _answers(worst) else "none gets through"
    return Finding(
        id=ID,
        severity=severity,
        summary=f"{counted(_unanswered(worst), 'connection')} to {worst.label} without an answer, {gets}{more}",
        evidence=_evidence(dead),
        cause=_cause(worst),
        remedies=_remedies(worst),
        confidence="high" if worst.syns_retried >= MANY else "medium",
    )


def _cause(worst: Destination) -> str:
    if _answers(worst):
        return (
            "Some SYNs are answered and others are not: that side's accept queue overflows, it limits connections, or "
            "the way there loses packets. A program waits for one second, then three, then seven."
        )
    return (
        "The SYN is sent again and nothing comes back, not even a reset: the host is down, the address is wrong, or a "
        "firewall drops in silence. Each attempt takes 127 s to fail with the default tcp_syn_retries, and a program "
        "without a connect timeout hangs for as long."
    )


def _remedies(worst: Destination) -> list[Remedy]:
    reach = f"Reach {worst.label}: is it up, is the port open, does a firewall in between drop?"
    alive = f"Look at the listener of {worst.label}: its accept queue (`ss -ltn`), its limits, its firewall."
    return [
        Remedy(kind="network", text=alive if _answers(worst) else reach),
        Remedy(
            kind="application",
            text="Give connect() a timeout of a few seconds, and take a dead upstream out of the rotation.",
        ),
    ]


def _evidence(shown: list[Destination]) -> Evidence:
    return {
        "destinations": [
            {
                "destination": one.label,
                "syn_sent": one.states.get("SYN_SENT", 0),
                "syns_sent_again": one.syns_retried,
                "established": one.states.get("ESTABLISHED", 0),
                "processes": ", ".join(one.processes[:3]) or None,
            }
            for one in shown[:_SHOWN]
            if one.states.get("SYN_SENT")
        ]
    }


RULE = Rule(
    id=ID,
    title="Destinations that do not answer",
    check=check,
    explanation=(
        "SYN_SENT lasts for one round trip. A SYN without an answer is sent again after 1, 3, 7, ... seconds; the "
        "kernel shows whether that has happened, so one sample tells a far upstream from a dead one.\n\n"
        "Twenty such connections to one destination to which nothing is open are critical: requests hang for up to two "
        "minutes each; a warning, as long as none of their SYNs has been sent again. Where some get through it is a "
        "warning too: the other side drops SYNs, mostly because its accept queue is full. A refused connection never "
        "stays in SYN_SENT; see refused-connects."
    ),
    claims=("syn-retries-time", "syn-linear-timeouts-add-no-time"),
)
