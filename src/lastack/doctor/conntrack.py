"""Connection tracking: how full its table is, and what did not fit."""

from lastack.doctor.during import changes, during
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, megabytes, percent
from lastack.model.model import Model

__all__ = ["ID", "NEARLY_FULL", "RULE", "check"]

ID = "conntrack"

# A fifth of the default table is 52,000 connections: a burst, or two minutes of closes at 440 a second.
NEARLY_FULL = 0.8

_PREFIX = "net.netfilter."
_MAX = "net.netfilter.nf_conntrack_max"
_BUCKETS = "net.netfilter.nf_conntrack_buckets"
_TIME_WAIT = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
_ESTABLISHED = "net.netfilter.nf_conntrack_tcp_timeout_established"
_DROPPED, _EVICTED = "Conntrack.drop", "Conntrack.early_drop"
_BYTES = 256  # of an entry in its slab, measured on Linux 6.18
_TWO_MINUTES = 120
_A_DAY = 86_400


def check(model: Model) -> Verdict:
    """Whether the table is full, or nearly."""
    count, limit = model.machine.tracked, model.machine.track_limit
    if count is None or limit is None:
        return _not_there(model)
    if _lost(model) or (limit > 0 and count >= NEARLY_FULL * limit):
        return _finding(model, count, limit)
    return Healthy(
        id=ID,
        summary=f"{count:,} of {counted(limit, 'tracked connection')}" if count else "nothing is tracked here",
        evidence=_evidence(model),
        absent=not count,
        unseen=_unseen(model),
    )


def _not_there(model: Model) -> Verdict:
    hidden = next((why for what, why in model.unseen.items() if what.startswith(_PREFIX)), None)
    if hidden is not None:
        return Unknown(id=ID, reason=f"the table of tracked connections is not visible: {hidden}")
    return Healthy(id=ID, summary="no connection tracking here", evidence={}, absent=True, unseen=_unseen(model))


def _unseen(model: Model) -> dict[str, str]:
    if model.machine.first_namespace:
        return {}
    return {"the host's conntrack": "each namespace has entries of its own"}


def _lost(model: Model) -> int:
    return (model.delta(_DROPPED) or 0) + (model.delta(_EVICTED) or 0)


def _severity(model: Model, count: int, limit: int) -> Severity:
    return "critical" if model.delta(_DROPPED) or 0 < limit <= count else "warning"


def _finding(model: Model, count: int, limit: int) -> Finding:
    dropped, evicted = model.delta(_DROPPED) or 0, model.delta(_EVICTED) or 0
    parts = [f"{count:,} of {counted(limit, 'tracked connection')}"]
    if dropped:
        parts.append(f"{counted(dropped, 'packet')} dropped for want of room {during(model)}")
    if evicted:
        parts.append(f"{counted(evicted, 'entry', 'entries')} evicted {during(model)}")
    return Finding(
        id=ID,
        severity=_severity(model, count, limit),
        summary="; ".join(parts),
        evidence=_evidence(model),
        cause=(
            "Netfilter remembers every connection that its rules ask about, and closed ones for two minutes more, "
            "twice as long as a socket is in TIME_WAIT. When the table is full, packets of new connections are "
            "dropped: their clients see timeouts, and TCP's own counters see nothing."
        ),
        remedies=_remedies(model, limit),
        confidence="high",
    )


def _remedies(model: Model, limit: int) -> list[Remedy]:
    fewer = Remedy(
        kind="application", text="Open fewer connections: keep-alive and pools; each close stays for minutes."
    )
    untracked = Remedy(
        kind="network",
        text="Do not track what needs no state: a rule with `notrack` (nftables) or `-j CT --notrack` for such ports.",
    )
    return [fewer, untracked, *_room(model, limit), *_timeouts(model)]


def _room(model: Model, limit: int) -> list[Remedy]:
    """Other namespaces can read the limit, and only the first can set it."""
    if not model.machine.first_namespace:
        return []
    memory = megabytes(2 * limit * _BYTES)
    return [
        Remedy(kind="setting", key=_MAX, value=str(2 * limit), text=f"Room for twice as many: {memory} when full."),
        *(
            [Remedy(kind="setting", key=_BUCKETS, value=str(2 * limit), text="As many buckets, or look-ups get slow.")]
            if (model.setting(_BUCKETS) or 0) < 2 * limit
            else []
        ),
    ]


def _timeouts(model: Model) -> list[Remedy]:
    found = []
    if (model.setting(_TIME_WAIT) or 0) >= _TWO_MINUTES:
        text = "Forget closed connections as soon as the sockets do; on a NAT, not sooner than the hosts behind it."
        found.append(Remedy(kind="setting", key=_TIME_WAIT, value="60", text=text))
    if (model.setting(_ESTABLISHED) or 0) > _A_DAY:
        text = (
            "Forget connections whose ends vanished after a day, not five; idle ones need keepalive within a day then."
        )
        found.append(Remedy(kind="setting", key=_ESTABLISHED, value=str(_A_DAY), text=text))
    return found


def _evidence(model: Model) -> Evidence:
    count, limit = model.machine.tracked, model.machine.track_limit
    return {
        "tracked": count,
        "limit": limit,
        "share_percent": percent(count or 0, limit or 0),
        "buckets": model.setting(_BUCKETS),
        "time_wait": model.time_wait.count,
        "timeout_time_wait_s": model.setting(_TIME_WAIT),
        "timeout_established_s": model.setting(_ESTABLISHED),
        **changes(model, {_DROPPED: "packets_dropped", _EVICTED: "entries_evicted"}),
    }


RULE = Rule(
    id=ID,
    title="Netfilter's table of connections",
    check=check,
    explanation=(
        "Where rules of a firewall, NAT or kube-proxy look at the state of connections, nf_conntrack keeps an entry "
        "for each: 256 bytes, for five days without traffic while it is established, and for two minutes after the "
        "close, whatever the socket itself does. A host that opens and closes 2,000 connections a second has 240,000 "
        "entries of closed ones.\n\n"
        "When nf_conntrack_max is reached the kernel evicts entries that have seen no answer (early_drop), and then "
        "drops packets (drop, and `table full` in its log). A warning means that four fifths are in use or that "
        "entries were evicted; critical, that the table is full or packets were dropped between two samples.\n\n"
        "The limit is the machine's, and each namespace is held to it on its own. A container's traffic usually "
        "passes the host's table as well, which cannot be seen from inside: ask on the host."
    ),
    claims=("conntrack-max-drops-new-connections", "conntrack-outlives-the-socket", "conntrack-timeout-ends-no-socket"),
)
