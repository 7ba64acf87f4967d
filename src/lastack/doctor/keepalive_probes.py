"""Keepalive that cannot do its work: this host's own conntrack forgets sooner, or there is no probe at all."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.model import Model

__all__ = ["ID", "RULE", "check"]

ID = "keepalive-probes"

_TIME, _INTERVAL, _PROBES = (f"net.ipv4.tcp_keepalive_{name}" for name in ("time", "intvl", "probes"))
_FORGETS = "net.netfilter.nf_conntrack_tcp_timeout_established"
_LOOSE = "net.netfilter.nf_conntrack_tcp_loose"


def check(model: Model) -> Verdict:
    """Whether keepalive can notice a dead peer, and before the connection is forgotten on the way."""
    first, interval, probes = model.setting(_TIME), model.setting(_INTERVAL), model.setting(_PROBES)
    if first is None or interval is None or probes is None:
        return Unknown(id=ID, reason="the settings of keepalive (net.ipv4.tcp_keepalive_*) are not visible")
    if probes == 0:
        return _no_probes(model, first)
    forgets = model.setting(_FORGETS)
    if forgets is not None and forgets <= first and model.machine.tracked and model.states.get("ESTABLISHED"):
        return _too_late(model, first, forgets)
    return Healthy(
        id=ID,
        summary=f"first probe after {first:,} s, given up after {first + interval * probes:,} s",
        evidence=_evidence(model),
    )


def _no_probes(model: Model, first: int) -> Finding:
    hit = model.kept_alive != 0
    sockets = "" if model.kept_alive is None else f", {counted(model.kept_alive, 'connection')} at present"
    return Finding(
        id=ID,
        severity="warning" if hit else "notice",
        summary=f"{_PROBES} is 0: idle connections with SO_KEEPALIVE are reset after {first:,} s{sockets}",
        evidence=_evidence(model),
        cause=(
            "The kernel gives up once as many probes are unanswered as this says: with 0 that is before the first "
            "one. Healthy connections that are idle for that long fail with ETIMEDOUT."
        ),
        remedies=[
            Remedy(kind="setting", key=_PROBES, value="9", text="The default; for faster notice lower the times.")
        ],
        confidence="high",
    )


def _severity(model: Model) -> Severity:
    """Where the tracker picks connections up midway, only those behind NAT are lost, and NAT is not visible."""
    return "warning" if model.setting(_LOOSE) == 0 else "notice"


def _too_late(model: Model, first: int, forgets: int) -> Finding:
    return Finding(
        id=ID,
        severity=_severity(model),
        summary=f"conntrack forgets idle connections after {forgets:,} s; keepalive asks after {first:,} s",
        evidence=_evidence(model),
        cause=(
            "This host's own connection tracking drops the entry of an idle connection before the first probe is "
            "sent. "
            + (
                "As nf_conntrack_tcp_loose is 0, no later packet passes, neither probe nor data."
                if model.setting(_LOOSE) == 0
                else "A later packet makes a new entry, but where NAT is in play without the old translation."
            )
        ),
        remedies=_remedies(model, first, forgets),
        confidence="high" if model.setting(_LOOSE) == 0 else "medium",
    )


def _remedies(model: Model, first: int, forgets: int) -> list[Remedy]:
    worst = model.destinations[0] if model.destinations else None
    holder = worst.processes[0] if worst is not None and worst.processes else None
    known = remedies_for("idle", holder, None if worst is None else worst.remote_port)
    general = Remedy(
        kind="application",
        text=f"Close connections that have been idle for {forgets:,} s, or have the program probe them sooner, with "
        "times of its own (SO_KEEPALIVE and TCP_KEEPIDLE).",
    )
    return [
        *(known or [general]),
        Remedy(
            kind="setting",
            key=_TIME,
            value=str(max(forgets // 2, 1)),
            text="For sockets with SO_KEEPALIVE alone, and those opened from now on; the program must ask for it.",
        ),
        Remedy(
            kind="setting",
            key=_FORGETS,
            value=str(2 * first),
            text="Or let the tracker remember for longer; its table grows with connections whose ends are gone.",
        ),
    ]


def _evidence(model: Model) -> Evidence:
    return {
        "keepalive_time_s": model.setting(_TIME),
        "keepalive_intvl_s": model.setting(_INTERVAL),
        "keepalive_probes": model.setting(_PROBES),
        "kept_alive": model.kept_alive,
        "established": model.states.get("ESTABLISHED", 0),
        "tracked": model.machine.tracked,
        "conntrack_forgets_after_s": model.setting(_FORGETS),
        "conntrack_loose": model.setting(_LOOSE),
    }


RULE = Rule(
    id=ID,
    title="Whether keepalive can notice a dead peer in time",
    check=check,
    explanation=(
        "Keepalive is for sockets whose program asked for it (SO_KEEPALIVE). The first probe follows "
        "tcp_keepalive_time of silence, two hours by default; then tcp_keepalive_probes unanswered probes, "
        "tcp_keepalive_intvl apart, end the connection: 7,875 s by default. tcp_keepalive_time is no interval, and "
        "lowering it alone still leaves the eleven minutes of the probes.\n\n"
        "NATs, firewalls and load balancers forget idle connections, many within 240 to 350 s, and then drop what "
        "comes, or reset. A host cannot see what is on the way, except its own conntrack: where that forgets sooner "
        "than the first probe, it is a notice, and a warning where forgotten connections are not picked up again "
        "(nf_conntrack_tcp_loose = 0). The settings bear on all programs that ask for keepalive and say no times of "
        "their own; a program's own times, or its pool's idle timeout, are the better remedy.\n\n"
        "tcp_keepalive_probes = 0 does not switch keepalive off: it resets idle connections unasked."
    ),
    claims=("keepalive-detection-time", "keepalive-needs-so-keepalive", "conntrack-forgets-idle-connections"),
)
