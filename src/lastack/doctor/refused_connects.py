"""Connections that could not be opened: refused by the other side, or given up."""

from lastack.doctor.during import changes, during, why_unseen
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted, percent
from lastack.model.model import Model

__all__ = ["FEW", "ID", "RULE", "SHARE", "check"]

ID = "refused-connects"

FEW = 10
# Of the attempts: a service that is being restarted refuses a few.
SHARE = 0.1

_FAILS, _OPENS = "Tcp.AttemptFails", "Tcp.ActiveOpens"
_COUNTERS = {_FAILS: "attempts_failed", _OPENS: "attempts", "Tcp.PassiveOpens": "connections_accepted"}


def check(model: Model) -> Verdict:
    """Whether a good part of the attempts to connect fails."""
    unseen = why_unseen(model, _FAILS)
    if unseen:
        return Unknown(id=ID, reason=unseen)
    failed, tried = model.delta(_FAILS) or 0, model.delta(_OPENS) or 0
    # A request that an incoming client resets counts as a failed attempt too, so there must have been attempts.
    if tried and failed >= FEW and failed >= SHARE * tried:
        return _finding(model, failed, tried)
    return Healthy(id=ID, summary=_calm(failed, tried), evidence=_evidence(model))


def _calm(failed: int, tried: int) -> str:
    return f"{failed:,} of {counted(tried, 'attempt')} to connect failed" if tried else "nothing here tried to connect"


def _finding(model: Model, failed: int, tried: int) -> Finding:
    return Finding(
        id=ID,
        severity="warning",
        summary=f"{counted(failed, 'attempt')} to connect failed {during(model)}, of {tried:,}",
        evidence=_evidence(model),
        cause=(
            "The other side answers with RST: nothing listens on that port, or a firewall rejects. Where it does not "
            "answer at all, syn-sent names the destination."
        ),
        remedies=[
            Remedy(
                kind="application",
                text=(
                    "Find the destination in the logs (`connection refused`): a service that is down, a port that has "
                    "changed, `localhost` that is ::1 first. Wait longer between attempts, and not for ever."
                ),
            )
        ],
        confidence="high" if failed >= tried / 2 else "medium",
    )


def _evidence(model: Model) -> Evidence:
    failed, tried = model.delta(_FAILS) or 0, model.delta(_OPENS) or 0
    return changes(model, _COUNTERS) | {"failed_percent": percent(failed, tried)}


RULE = Rule(
    id=ID,
    title="Attempts to connect that fail",
    check=check,
    explanation=(
        "AttemptFails counts connections that went from SYN_SENT straight to the end: refused by a reset, or given up "
        "when every SYN went unanswered. A refused connection leaves no socket to be seen, so only the counter tells, "
        "and it takes two samples.\n\n"
        "A tenth of the attempts or more is a warning: a service is down, or its address is wrong, and whoever needs "
        "it tries again and again. Requests that incoming clients reset before they finished count as well; the rule "
        "looks at hosts that open connections themselves."
    ),
    claims=("refused-ports-answer-at-once",),
)
