"""Upstreams without keep-alive: connections to one destination that live for a moment each."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.closed_elsewhere import Gone, gone_elsewhere, unseen_elsewhere
from lastack.doctor.rule import Rule
from lastack.doctor.upstreams import Upstream, upstreams
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Verdict
from lastack.doctor.wording import counted, one_decimal, percent
from lastack.model.census import TIME_WAIT_S
from lastack.model.model import Model

__all__ = ["BUSY_PER_S", "HALF", "ID", "RULE", "SHORT_S", "check"]

ID = "upstream-keep-alive"

# Fewer are health checks, cron jobs, people.
BUSY_PER_S = 10
# A connection that a pool keeps lives for seconds to minutes; one request takes less than this.
SHORT_S = 2
# If the rate holds, half of the ports towards the destination will be in TIME_WAIT: twice the load has none left.
HALF = 0.5
_SHOWN = 5
_NO_CHURN = "no upstream gets many connections that end at once"


def check(model: Model) -> Verdict:
    """Whether some upstream gets a new connection for every request."""
    every = upstreams(model)
    gone = gone_elsewhere(model, BUSY_PER_S, SHORT_S)
    churning = [one for one in every if one.per_s >= BUSY_PER_S and one.life_s < SHORT_S]
    if churning:
        return _finding(model, churning, gone)
    if gone:
        return _of_gone(gone, every)
    return Healthy(
        id=ID,
        summary=_calm(every) if every or not _opened(model) else _NO_CHURN,
        evidence=_evidence(every[:1]),
        unseen=_dateless(every) | unseen_elsewhere(model, BUSY_PER_S, SHORT_S),
        absent=not every and not _opened(model),
    )


def _opened(model: Model) -> int:
    """Connections opened since the earlier sample, that may have gone without a trace; 0 without one."""
    return 0 if model.peer_closes.elsewhere is None else model.peer_closes.elsewhere.opened


def _dateless(every: list[Upstream]) -> dict[str, str]:
    return {} if all(one.rate_known for one in every) else {"connections a second": "TIME_WAIT without timers"}


def _calm(every: list[Upstream]) -> str:
    if not every:
        return "no connections opened from here"
    if max(one.per_s for one in every) < BUSY_PER_S:
        return _NO_CHURN
    return "connections to the busiest upstream are used for a while"


def _severity(one: Upstream) -> Severity:
    """A warning where it will cost connections; not where ``ephemeral-ports`` has raised the alarm already."""
    return "warning" if one.spent >= HALF and not one.strained else "notice"


def _finding(model: Model, churning: list[Upstream], gone: Gone | None) -> Finding:
    worst = max(churning, key=lambda one: (_severity(one) == "warning", one.per_s))
    return Finding(
        id=ID,
        severity=_severity(worst),
        summary=_summary(worst, len(churning) - 1) + (f"; {gone.besides}" if gone else ""),
        evidence=_evidence(sorted(churning, key=lambda one: -one.per_s)) | (gone.evidence if gone else {}),
        cause=_cause(worst),
        remedies=_remedies(worst),
        confidence="high" if model.change is not None or worst.held else "medium",
    )


def _of_gone(gone: Gone, every: list[Upstream]) -> Finding:
    return Finding(
        id=ID,
        severity="notice",
        summary=gone.summary,
        evidence=_evidence(every[:1]) | gone.evidence,
        cause=f"Each request opens a connection, and the other end closes it. {_COST_THERE}",
        remedies=gone.remedies,
        confidence=gone.confidence,
    )


_COST_THERE = (
    "That costs a handshake and work at both ends, and most of the throughput: with connections that stay open a proxy "
    "carries several times as many requests. It costs no local port: the TIME_WAIT is the other end's."
)


def _cause(worst: Upstream) -> str:
    if worst.here_per_s < worst.there_per_s:
        return f"Each request opens a connection, and the upstream closes it. {_COST_THERE}"
    return (
        "Each request opens a connection and closes it. That costs a handshake and a local port for a minute, "
        f"{worst.spent:.0%} of the ports towards {worst.label} at this rate, and most of the throughput: with "
        "connections that stay open a proxy carries several times as many requests."
    )


def _summary(worst: Upstream, others: int) -> str:
    life = f"{worst.life_s * 1000:,.0f} ms each" if worst.held else "none of which is open now"
    first = ", closed there first" if worst.here_per_s < worst.there_per_s else ""
    more = f"; {counted(others, 'more upstream')} likewise" if others else ""
    return f"{worst.per_s:,.0f} connections a second to {worst.label}, {life}{first}{more}"


def _remedies(worst: Upstream) -> list[Remedy]:
    process = worst.processes[0] if worst.processes else None
    known = remedies_for("upstream-keepalive", process, worst.remote_port)
    general = Remedy(
        kind="application",
        text=f"Use connections to {worst.label} again: keep-alive towards the upstream, one pool for the process.",
    )
    return known or [general]


def _evidence(shown: list[Upstream]) -> Evidence:
    return {
        "upstreams": [
            {
                "destination": one.label,
                "closes_per_s": one_decimal(one.here_per_s) if one.rate_known else None,
                "closed_there_per_s": one_decimal(one.there_per_s) or None,
                "open": one.held,
                "life_s": round(one.life_s, 3) if one.per_s and one.held else None,
                "time_wait": one.time_wait,
                "ports_at_this_rate_percent": percent(one.here_per_s * TIME_WAIT_S, one.available or 0),
                "processes": ", ".join(one.processes[:3]) or None,
            }
            for one in shown[:_SHOWN]
        ]
    }


RULE = Rule(
    id=ID,
    title="Connections a second to each upstream, and how long they live",
    check=check,
    explanation=(
        "A proxy or service that opens a connection to its upstream for every request has many TIME_WAIT towards that "
        "one destination and few connections open. The number open, divided by the closes a second, is how long a "
        "connection lives: milliseconds without keep-alive, seconds to minutes with it.\n\n"
        "No setting comes near what keep-alive brings: nginx in front of nginx carried 3.7 times as many requests with "
        "it, and left 651 TIME_WAIT instead of 14,172. It is a notice from ten such connections a second on; a warning "
        "where the rate will put half of the destination's ports into TIME_WAIT.\n\n"
        "Often the upstream closes first, as it does when nginx asks with `Connection: close`; then the TIME_WAIT is "
        "at its end, and no local port is spent. On this very host that shows all the same, destination and rate. "
        "Of another host it takes two samples: of the connections that were opened in between, those that are neither "
        "open nor in TIME_WAIT, did not fail and were not reset, were closed there. It is a notice from a hundred of "
        "them and ten a second on, if too few are open for them to live for two seconds. The kernel does not count "
        "towards whom; a destination is named where no other shows, or where at least three connections were caught in "
        "LAST_ACK, all towards it."
    ),
    claims=("time-wait-is-the-first-closers", "port-range-is-per-destination"),
)
