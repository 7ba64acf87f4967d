"""Half-open requests that are never completed, and how few of them shut a door."""

from lastack.doctor.backlog import backlog_remedies
from lastack.doctor.rule import Rule
from lastack.doctor.syn_queue import capacity, overflows
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, one_decimal
from lastack.model.address import is_loopback
from lastack.model.listeners import SynQueue
from lastack.model.model import Model

__all__ = ["FEW", "ID", "RULE", "SMALL", "check"]

ID = "half-open-flood"

# Below it: clients whose network failed them in the middle of a handshake.
FEW = 10
# With cookies off, two SYNs a second for a minute fill a queue of this length, which was everybody's default for long.
SMALL = 128

_COOKIES, _RETRIES = "net.ipv4.tcp_syncookies", "net.ipv4.tcp_synack_retries"


def check(model: Model) -> Verdict:
    """Whether requests pile up that nobody completes, and whether a small queue invites them."""
    doors = [queue for queue in model.syn_queues if not is_loopback(queue.address)]
    if not model.has_timers and model.states.get("SYN_RECV", 0) >= FEW:
        return Unknown(
            id=ID, reason="the sample does not tell which requests get no answer", evidence=_evidence(model, doors)
        )
    flooded = [queue for queue in doors if queue.unanswered >= FEW and 2 * queue.unanswered >= queue.half_open]
    if flooded:
        return _flood(model, flooded)
    open_doors = [queue for queue in doors if queue.backlog is not None and queue.backlog <= SMALL]
    if open_doors and model.setting(_COOKIES) == 0:
        return _invitation(model, min(open_doors, key=lambda queue: queue.backlog or 0))
    return Healthy(id=ID, summary=_summary(model, doors), evidence=_evidence(model, doors[:1]), absent=not doors)


def _summary(model: Model, doors: list[SynQueue]) -> str:
    if not doors:
        return "no listeners for others"
    half_open = sum(queue.half_open for queue in doors)
    if half_open:
        return f"{counted(half_open, 'half-open request')}, no flood"
    return "cookies stand by" if model.setting(_COOKIES) else "queues long enough for a burst"


def _closes_at(model: Model, queue: SynQueue) -> float | None:
    """Unanswered SYNs a second that keep the queue full: each stays until its last SYN-ACK has been given up."""
    fits, retries = capacity(model, queue), model.setting(_RETRIES)
    return None if fits is None else fits * queue.sockets / float((1 << ((5 if retries is None else retries) + 1)) - 1)


def _flood(model: Model, flooded: list[SynQueue]) -> Finding:
    worst = max(flooded, key=lambda queue: queue.unanswered)
    return Finding(
        id=ID,
        severity=_severity(model),
        summary=(
            f"{counted(worst.unanswered, 'half-open request')} to {worst.label} from "
            f"{counted(worst.sources, 'address', 'addresses')} or more do not finish their handshake"
        ),
        evidence=_evidence(model, flooded),
        cause=(
            "The SYN-ACK has been sent again and nothing came back, so these are no slow clients: the sources are "
            "forged (a SYN flood), or answers do not reach them (routing, a firewall that lets SYNs in and nothing "
            "out)." + ("" if model.setting(_COOKIES) else " With cookies off, a full queue refuses honest clients.")
        ),
        remedies=_remedies(model, worst),
        confidence="high",
    )


def _severity(model: Model) -> Severity:
    """Cookies keep the door open, and where it is shut already syn-queue says so."""
    return "notice" if model.setting(_COOKIES) or overflows(model) else "warning"


def _invitation(model: Model, worst: SynQueue) -> Finding:
    rate = _closes_at(model, worst)
    return Finding(
        id=ID,
        severity="notice",
        summary=f"{one_decimal(rate or 0)} SYNs a second that are never completed shut {worst.label}",
        evidence=_evidence(model, [worst]),
        cause=(
            f"{_COOKIES} is 0, so a full queue drops every further SYN, and {worst.label} has room for "
            f"{capacity(model, worst):,} requests. One host with forged addresses is enough."
        ),
        remedies=_remedies(model, worst),
        confidence="high",
    )


def _remedies(model: Model, worst: SynQueue) -> list[Remedy]:
    cookies = Remedy(
        kind="setting", key=_COOKIES, value="1", text="A full queue then answers with cookies instead of dropping."
    )
    filtering = Remedy(
        kind="network", text="Filter upstream (RFC 2827), or limit SYNs per source; check that SYN-ACKs get out."
    )
    first = [] if model.setting(_COOKIES) else [cookies]
    return [*first, filtering, *backlog_remedies(model, worst.backlog, worst.process)]


def _evidence(model: Model, shown: list[SynQueue]) -> Evidence:
    return {
        "syncookies": model.setting(_COOKIES),
        "synack_retries": model.setting(_RETRIES),
        "queues": [
            {
                "listener": one.label,
                "process": one.process,
                "half_open": one.half_open,
                "unanswered": one.unanswered if model.has_timers else None,
                "sources_at_least": one.sources,
                "capacity": capacity(model, one),
                "shut_by_syns_per_s": None if (rate := _closes_at(model, one)) is None else one_decimal(rate),
            }
            for one in shown[:5]
        ],
    }


RULE = Rule(
    id=ID,
    title="Half-open requests that are never completed",
    check=check,
    explanation=(
        "An honest client completes its handshake within a round trip, a slow one within a second. The kernel shows "
        "for which requests the SYN-ACK has been sent again: those are forged sources, or clients that our answer does "
        "not reach. Each holds a place in the queue for 63 s with the default tcp_synack_retries, so a queue of N is "
        "shut by N/63 such SYNs a second: two for a backlog of 128.\n\n"
        "With tcp_syncookies at 1 a full queue costs options and no connection, and this is a notice. At 0 it is a "
        "warning while requests go unanswered, and a notice as long as a small backlog merely invites them. A burst of "
        "SYNs that are completed is no flood, however many there are."
    ),
    claims=(
        "synack-retries-time",
        "syn-queue-is-bounded-by-the-backlog",
        "syncookies-keep-the-door-open",
        "syncookies-off-locks-out-under-flood",
    ),
)
