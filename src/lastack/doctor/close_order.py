"""Who closes first, by listener and by upstream, and whether that is the side which pays for it."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.ephemeral_ports import strain
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Verdict
from lastack.doctor.wording import one_decimal, percent
from lastack.model.census import TIME_WAIT_S
from lastack.model.destinations import Destination
from lastack.model.model import Model

__all__ = ["COSTLY", "ID", "RULE", "check"]

ID = "close-order"

# A fifth of a destination's ports gone to TIME_WAIT: a load five times as high has none left.
COSTLY = 0.2
_SHOWN = 5


def check(model: Model) -> Verdict:
    """Whether this host closes first where it opened the connection, and pays with ports."""
    costly = [one for one in model.destinations if _share(one) >= COSTLY]
    return _finding(model, costly) if costly else _healthy(model)


def _share(one: Destination) -> float:
    return one.time_wait / one.available if one.available else 0.0


def _healthy(model: Model) -> Healthy:
    waiting = model.time_wait
    return Healthy(id=ID, summary=_summary(model), evidence=_evidence(model), absent=not waiting.count)


def _summary(model: Model) -> str:
    waiting = model.time_wait
    if not waiting.count:
        return "nothing was closed here first in the last minute"
    served = f"{waiting.server_closed:,} as server, which costs nothing" if waiting.server_closed else ""
    opened = f"{waiting.client_closed:,} as client" if waiting.client_closed else ""
    return f"closed here first: {', '.join(filter(None, [served, opened])) or f'{waiting.count:,}'}"


def _finding(model: Model, costly: list[Destination]) -> Finding:
    worst = max(costly, key=_share)
    return Finding(
        id=ID,
        severity="notice",
        summary=(
            f"this host closes first towards {worst.label} and pays with {worst.time_wait:,} of "
            f"{worst.available:,} local ports"
        ),
        evidence=_evidence(model),
        cause=(
            "Who closes first keeps the pair of ports in TIME_WAIT. For a server that is free; the side that opened "
            f"the connection gives one of its local ports for {TIME_WAIT_S} s. "
            + ("See ephemeral-ports: they run short." if strain(worst) else "They suffice so far.")
        ),
        remedies=_remedies(worst),
        confidence="high",
    )


def _remedies(worst: Destination) -> list[Remedy]:
    let_peer = Remedy(
        kind="application",
        text=(
            f"Keep connections to {worst.label} open, or let that side close first: it answers with Connection: close, "
            "its idle timeout is the shorter one, or the protocol's last word is its own."
        ),
    )
    process = worst.processes[0] if worst.processes else None
    return [*remedies_for("upstream-keepalive", process, worst.remote_port), let_peer]


def _evidence(model: Model) -> Evidence:
    waiting = model.time_wait
    available = {one.label: one.available for one in model.destinations}
    return {
        "server_closed": waiting.server_closed,
        "client_closed": waiting.client_closed,
        "groups": [
            {
                "role": group.role,
                "place": group.label,
                "closed_here": group.count,
                "closes_per_s": one_decimal(sum(group.closes) / TIME_WAIT_S),
                "ports_percent": percent(group.count, available.get(group.label) or 0),
            }
            for group in waiting.groups[:_SHOWN]
        ],
    }


RULE = Rule(
    id=ID,
    title="Who closes first, by listener and by upstream",
    check=check,
    explanation=(
        "One of the two sides sends the first FIN, and that side alone has the TIME_WAIT. A server that closes first "
        "spends some hundred bytes for a minute and nothing else. A client that closes first spends a local port "
        "towards that destination for a minute; a proxy is a client of its upstreams.\n\n"
        "TIME_WAIT on a port that is listened on was closed here as a server; TIME_WAIT towards a remote service port, "
        "as a client. Connections whose peer closed first leave nothing to be counted. It is a notice where a fifth or "
        "more of the ports towards a destination is spent that way; whether they run out, ephemeral-ports says."
    ),
    claims=(
        "time-wait-is-the-first-closers",
        "time-wait-yields-to-a-new-syn",
        "time-wait-keeps-a-port-from-one-destination",
    ),
)
