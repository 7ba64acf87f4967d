"""Ephemeral ports: what each destination has left, and for how long."""

from lastack.doctor.port_remedies import remedies
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import SEVERITIES, Confidence, Evidence, Finding, Healthy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, one_decimal, percent
from lastack.model.census import TIME_WAIT_S
from lastack.model.destinations import Destination, Outlook
from lastack.model.model import Model

__all__ = ["ID", "LOW_HEADROOM", "NOW_S", "RULE", "SHOWN", "SOON_S", "check", "strain"]

ID = "ephemeral-ports"

# A fifth is what a destination closes in 12 s at the rate that it can bear for ever: the room for one burst.
LOW_HEADROOM = 0.2
# Within a TIME_WAIT's life: no port that is being given back now will be back in time.
SOON_S = TIME_WAIT_S
# Before anybody can act.
NOW_S = 10

SHOWN = 5  # destinations in the evidence


def check(model: Model) -> Verdict:
    """Whether some destination is short of local ports, or will be at the present rates."""
    if model.ports is None:
        return Unknown(id=ID, reason="net.ipv4.ip_local_port_range is not visible", evidence=_evidence(model, []))
    strained = sorted(
        ((severity, one) for one in model.destinations if (severity := strain(one))),
        key=lambda pair: (SEVERITIES.index(pair[0]), *_urgency(pair[1])),
    )
    return _finding(model, strained) if strained else _healthy(model)


def strain(destination: Destination) -> Severity | None:
    """How bad it is: None: not. Where all hangs on whether the peer has timestamps, a notice."""
    plain = _severity(destination, destination.outlook)
    if plain is None or destination.outlook_if_reused is None:
        return plain
    return _severity(destination, destination.outlook_if_reused) or "notice"


def _severity(destination: Destination, outlook: Outlook | None) -> Severity | None:
    if outlook is None or destination.available is None:
        return None
    left_s = outlook.exhausted_in_s
    if left_s is not None and left_s <= NOW_S:
        return "critical"
    if left_s is not None and left_s <= SOON_S:
        return "warning"
    return "warning" if outlook.headroom < LOW_HEADROOM * destination.available else None


def _urgency(destination: Destination) -> tuple[float, int]:
    outlook = destination.outlook
    if outlook is None or outlook.exhausted_in_s is None:
        return float("inf"), -destination.in_use
    return outlook.exhausted_in_s, -destination.in_use


def _healthy(model: Model) -> Healthy:
    shown = model.destinations[:1]
    unseen = {}
    if not all(one.rate_known for one in model.destinations):
        unseen["rates of closes"] = "TIME_WAIT without timers"
    if model.folded:
        unseen["small destinations"] = f"the sample folds {counted(model.folded, 'socket')} of theirs"
    return Healthy(
        id=ID, summary=_roomy(model), evidence=_evidence(model, shown), unseen=unseen, absent=not model.destinations
    )


def _roomy(model: Model) -> str:
    if not model.destinations:
        return "no connections opened from here"
    fullest = model.destinations[0]
    return f"fullest destination uses {fullest.in_use:,} of {fullest.available:,} ports ({fullest.label})"


def _finding(model: Model, strained: list[tuple[Severity, Destination]]) -> Finding:
    severity, worst = strained[0]
    others = len(strained) - 1
    return Finding(
        id=ID,
        severity=severity,
        summary=_summary(worst) + (f"; {counted(others, 'more destination')} short of ports" if others else ""),
        evidence=_evidence(model, [one for _, one in strained[:SHOWN]]),
        cause=_cause(worst),
        remedies=remedies(model, worst),
        confidence=_confidence(model, worst),
    )


def _summary(worst: Destination) -> str:
    outlook = worst.outlook
    doubt = " unless the peer has timestamps" if worst.outlook_if_reused else ""
    if outlook is None or outlook.exhausted_in_s is None or outlook.exhausted_in_s > SOON_S:
        left = outlook.headroom if outlook else 0
        return f"only {left:,} of {worst.available:,} local ports are left towards {worst.label}{doubt}"
    if outlook.exhausted_in_s == 0:
        return f"no local port is left towards {worst.label}{doubt}: connect() fails with EADDRNOTAVAIL"
    return f"local ports towards {worst.label} run out in {outlook.exhausted_in_s} s at the present rate{doubt}"


def _cause(worst: Destination) -> str:
    if worst.time_wait <= worst.held:
        return (
            f"{counted(worst.held, 'connection')} to one address and port are open at once, and each needs a local "
            "port of its own."
        )
    return (
        "This host opens connections to one address and port and closes them first, so each keeps its local port in "
        f"TIME_WAIT for {TIME_WAIT_S} s. {worst.available:,} ports bear {(worst.available or 0) // TIME_WAIT_S} such "
        "connections a second for ever; no counter tells when connect() finds none."
    )


def _confidence(model: Model, worst: Destination) -> Confidence:
    forecast_only = worst.outlook is not None and worst.outlook.headroom >= LOW_HEADROOM * (worst.available or 0)
    # More in use than the range holds: some were bound outside it, or before it was made smaller.
    foreign = worst.in_use > (worst.available or 0)
    doubtful = worst.outlook_if_reused is not None or foreign or (forecast_only and model.change is None)
    return "medium" if doubtful else "high"


def _evidence(model: Model, shown: list[Destination]) -> Evidence:
    evidence: Evidence = {}
    if model.ports is not None:
        evidence |= {
            "range_low": model.ports.low,
            "range_high": model.ports.high,
            "reserved_ports": model.ports.reserved,
            "bound_ports": model.ports.bound,
            "bound_ports_complete": model.ports.bound_complete,
            "available_ports": model.ports.available,
        }
    evidence["destinations"] = [
        {
            "destination": one.label,
            "in_use": one.in_use,
            "time_wait": one.time_wait,
            "headroom": one.outlook.headroom if one.outlook else None,
            "used_percent": percent(one.in_use, one.available or 0),
            "closes_per_s": one_decimal(one.closes_per_s) if one.rate_known else None,
            "opens_per_s": one_decimal(one.opens_per_s) if one.rate_known else None,
            "exhausted_in_s": one.outlook.exhausted_in_s if one.outlook else None,
            "time_wait_reuse": one.reuse.kind,
            "headroom_if_reused": one.outlook_if_reused.headroom if one.outlook_if_reused else None,
            "processes": ", ".join(one.processes[:SHOWN]) or None,
        }
        for one in shown
    ]
    return evidence


RULE = Rule(
    id=ID,
    title="Local ports left, by destination",
    check=check,
    explanation=(
        "connect() needs a local port that is free towards the same remote address and port. The range is "
        "ip_local_port_range less the reserved ports and less every port that a bind() or listen() holds, and "
        "each destination (local address, remote address, remote port) has the whole of it.\n\n"
        "A client that closes first leaves its port in TIME_WAIT for 60 s, so 28,232 ports bear 470 new "
        "connections a second to one destination for ever. Beyond that connect() fails with EADDRNOTAVAIL, "
        "and no counter says so. tcp_tw_reuse lets connect() take such a port over after a second, if both "
        "ends use timestamps; what this end decides is visible here, the peer's choice is not, except on "
        "loopback, where the peer is this host.\n\n"
        "A warning means that less than a fifth of the ports is left or that they run out within a minute at "
        "the present rate; critical, that none is left or that it takes ten seconds at most. Many TIME_WAIT "
        "spread over many destinations, or on a server's own port, use up nothing."
    ),
    claims=(
        "port-range-is-per-destination",
        "port-range-exhaustion-has-no-counter",
        "tw-reuse-rate-is-ports-by-delay",
        "tw-reuse-needs-timestamps-at-both-ends",
    ),
)
