"""Whether connect() can take ports over from TIME_WAIT where it is meant to, and a destination needs it."""

from lastack.doctor.during import during
from lastack.doctor.ephemeral_ports import strain
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, one_decimal
from lastack.model.destinations import Destination
from lastack.model.model import Model

__all__ = ["ENOUGH", "ID", "NEEDED", "RULE", "check"]

ID = "time-wait-reuse"

# A quarter of a destination's ports in TIME_WAIT: at four times the load it has none left.
NEEDED = 0.25
# So many connections should have taken a port over: that none did by chance has odds of one to e**20.
ENOUGH = 20

_REUSE, _TIMESTAMPS = "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_timestamps"
_TAKEN = "TcpExt.TWRecycled"
_SHOWN = 5


def check(model: Model) -> Verdict:
    """Whether tcp_tw_reuse, where it is on, works."""
    reuse, timestamps = model.setting(_REUSE), model.setting(_TIMESTAMPS)
    if reuse is None or timestamps is None:
        return Unknown(id=ID, reason=f"{_REUSE} or {_TIMESTAMPS} is not visible")
    needing = [one for one in model.destinations if one.available and one.time_wait >= NEEDED * one.available]
    if not needing:
        summary = "no destination has a quarter of its ports in TIME_WAIT"
        return Healthy(id=ID, summary=summary, evidence=_evidence(model, []), absent=not model.destinations)
    if reuse == 1 and timestamps == 0:
        return _no_timestamps(model, needing)
    hopeful = [one for one in needing if one.reuse.kind == "if-peer-has-timestamps"]
    if hopeful:
        return _depends(model, hopeful)
    how = "certain, both ends being here" if needing[0].reuse.kind == "certain" else "off: ports wait for 60 s"
    return Healthy(id=ID, summary=f"reuse is {how}", evidence=_evidence(model, needing))


def _depends(model: Model, hopeful: list[Destination]) -> Verdict:
    """Only what happens shows whether the peers have timestamps."""
    taken, expected = model.delta(_TAKEN), sum(_expected(model, one) for one in hopeful)
    if taken:
        summary = f"{counted(taken, 'port')} taken over from TIME_WAIT {during(model)}"
        return Healthy(id=ID, summary=summary, evidence=_evidence(model, hopeful))
    if taken == 0 and expected >= ENOUGH:
        return _peer_without(model, hopeful)
    missing = model.no_change or "too few new connections to tell"
    reason = f"reuse towards {hopeful[0].label} hangs on the peer's timestamps: {missing}"
    return Unknown(id=ID, reason=reason, evidence=_evidence(model, hopeful))


def _expected(model: Model, one: Destination) -> float:
    """Connections that should have found a reusable port: connect() takes the first that will do, free or not."""
    if model.change is None or not one.available:
        return 0.0
    seconds = int(model.change.interval_s)
    opens = sum(one.closes[-seconds:]) if seconds else 0
    waiting = one.time_wait - opens - sum(one.closes[-int(one.reuse.delay_s + 1) :])
    return opens * max(waiting, 0) / one.available


def _no_timestamps(model: Model, needing: list[Destination]) -> Finding:
    return Finding(
        id=ID,
        severity="notice",
        summary=f"{_REUSE} is 1 and does nothing, as {_TIMESTAMPS} is 0",
        evidence=_evidence(model, needing),
        cause="Only a timestamp tells a new connection's segments from those of the old one on the same port.",
        remedies=[Remedy(kind="setting", key=_TIMESTAMPS, value="1", text="The default; the peer needs them, too.")],
        confidence="high",
    )


def _severity(worst: Destination) -> Severity:
    """A warning where ``ephemeral-ports`` counts on reuse: without it the ports run out."""
    return "warning" if strain(worst) == "notice" else "notice"


def _peer_without(model: Model, hopeful: list[Destination]) -> Finding:
    worst = max(hopeful, key=lambda one: (_severity(one) == "warning", one.time_wait))
    return Finding(
        id=ID,
        severity=_severity(worst),
        summary=f"no port towards {worst.label} is taken over from TIME_WAIT: the peer has no timestamps",
        evidence=_evidence(model, hopeful),
        cause=(
            f"{_REUSE} is 1 here, and of the new connections many met a port in TIME_WAIT that is old enough. None "
            "was taken over, which only happens where the old connections had no timestamps: the peer, or a firewall "
            "on the way, leaves the option out. So each close blocks its port for the whole 60 s."
        ),
        remedies=[
            Remedy(
                kind="network", text=f"Switch timestamps on at {worst.remote}, or find what strips them on the way."
            ),
            Remedy(kind="application", text="Keep connections open and use them again, which needs no reuse of ports."),
        ],
        confidence="high",
    )


def _evidence(model: Model, shown: list[Destination]) -> Evidence:
    evidence: Evidence = {"tw_reuse": model.setting(_REUSE), "timestamps": model.setting(_TIMESTAMPS)}
    taken = model.delta(_TAKEN)
    if model.change is not None and taken is not None:
        expected = sum(_expected(model, one) for one in shown)
        evidence |= {"taken_over": taken, "expected": one_decimal(expected), "interval_s": model.change.interval_s}
    evidence["destinations"] = [
        {
            "destination": one.label,
            "time_wait": one.time_wait,
            "available": one.available,
            "reuse": one.reuse.kind,
            "delay_s": one.reuse.delay_s,
        }
        for one in shown[:_SHOWN]
    ]
    return evidence


RULE = Rule(
    id=ID,
    title="Whether ports in TIME_WAIT can be reused where it is needed",
    check=check,
    explanation=(
        "tcp_tw_reuse lets connect() take a port that is in TIME_WAIT towards the same destination. It takes "
        "timestamps on both ends, and that the TIME_WAIT is tcp_tw_reuse_delay old, a second by default. It does "
        "nothing for a server, whose ports are not ephemeral, and nothing for ports that were chosen by bind().\n\n"
        "This end's timestamps are a setting. The peer's are not visible from here, but their lack is: connect() "
        "takes the first port that will do, free or reusable, so with a third of the ports in TIME_WAIT a third of "
        "the new connections take one over (TWRecycled). Where none does, although twenty should have between two "
        "samples, the old connections had no timestamps.\n\n"
        "A warning means that the ports will run out without reuse; a notice, that they will not, or that this end's "
        "own timestamps are off."
    ),
    claims=("tw-reuse-needs-timestamps-at-both-ends", "timestamps-take-both-ends"),
)
