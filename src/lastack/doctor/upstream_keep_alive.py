"""Upstreams without keep-alive: connections to one destination that live for a moment each."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.ephemeral_ports import strain
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Verdict
from lastack.doctor.wording import counted, one_decimal, percent
from lastack.model.census import TIME_WAIT_S
from lastack.model.destinations import Destination
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


def check(model: Model) -> Verdict:
    """Whether some upstream gets a new connection for every request."""
    churning = [one for one in model.destinations if _churns(one)]
    if churning:
        return _finding(model, churning)
    return Healthy(
        id=ID,
        summary=_calm(model),
        evidence=_evidence(model.destinations[:1]),
        unseen=_unseen(model),
        absent=not model.destinations,
    )


def _churns(one: Destination) -> bool:
    return one.rate_known and one.closes_per_s >= BUSY_PER_S and _life_s(one) < SHORT_S


def _life_s(one: Destination) -> float:
    """How long a connection lives on average: those open are rate times life (Little's law)."""
    return one.held / one.closes_per_s if one.closes_per_s else float("inf")


def _spent(one: Destination) -> float:
    """The share of the destination's ports that the present rate keeps in TIME_WAIT."""
    return one.closes_per_s * TIME_WAIT_S / one.available if one.available else 0.0


def _unseen(model: Model) -> dict[str, str]:
    dateless = [one for one in model.destinations if not one.rate_known]
    return {"connections a second": "TIME_WAIT without timers"} if dateless else {}


def _calm(model: Model) -> str:
    if not model.destinations:
        return "no connections opened from here"
    busiest = max(one.closes_per_s for one in model.destinations)
    if busiest < BUSY_PER_S:
        return "no upstream gets many connections that end at once"
    return "connections to the busiest upstream are used for a while"


def _severity(one: Destination) -> Severity:
    """A warning where it will cost connections; not where ``ephemeral-ports`` has raised the alarm already."""
    return "warning" if _spent(one) >= HALF and strain(one) is None else "notice"


def _finding(model: Model, churning: list[Destination]) -> Finding:
    worst = max(churning, key=lambda one: (_severity(one) == "warning", one.closes_per_s))
    return Finding(
        id=ID,
        severity=_severity(worst),
        summary=_summary(worst, len(churning) - 1),
        evidence=_evidence(sorted(churning, key=lambda one: -one.closes_per_s)),
        cause=(
            "Each request opens a connection and closes it. That costs a handshake and a local port for a minute, "
            f"{_spent(worst):.0%} of the ports towards {worst.label} at this rate, and most of the throughput: with "
            "connections that stay open a proxy carries several times as many requests."
        ),
        remedies=_remedies(worst),
        confidence="high" if model.change is not None or worst.held else "medium",
    )


def _summary(worst: Destination, others: int) -> str:
    life = f"{_life_s(worst) * 1000:,.0f} ms each" if worst.held else "none of which is open now"
    more = f"; {counted(others, 'more upstream')} likewise" if others else ""
    return f"{worst.closes_per_s:,.0f} connections a second to {worst.label}, {life}{more}"


def _remedies(worst: Destination) -> list[Remedy]:
    process = worst.processes[0] if worst.processes else None
    known = remedies_for("upstream-keepalive", process, worst.remote_port)
    general = Remedy(
        kind="application",
        text=f"Use connections to {worst.label} again: keep-alive towards the upstream, one pool for the process.",
    )
    return known or [general]


def _evidence(shown: list[Destination]) -> Evidence:
    return {
        "upstreams": [
            {
                "destination": one.label,
                "closes_per_s": one_decimal(one.closes_per_s) if one.rate_known else None,
                "open": one.held,
                "life_s": round(_life_s(one), 3) if one.closes_per_s and one.held else None,
                "time_wait": one.time_wait,
                "ports_at_this_rate_percent": percent(one.closes_per_s * TIME_WAIT_S, one.available or 0),
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
        "where the rate will put half of the destination's ports into TIME_WAIT. Where the upstream closes first there "
        "is no TIME_WAIT here, and this rule does not see it."
    ),
    claims=("time-wait-is-the-first-closers", "port-range-is-per-destination"),
)
