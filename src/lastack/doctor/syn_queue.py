"""SYN queues: half-open requests, and the cookies that are sent when a queue is full."""

from lastack.doctor.backlog import backlog_remedies
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, one_decimal
from lastack.model.listeners import SynQueue
from lastack.model.model import Model

__all__ = ["ID", "NEARLY_FULL", "RULE", "SHOWN", "accepts_slowly", "capacity", "check", "overflows"]

ID = "syn-queue"

# A request lives for one round trip; a queue that is three quarters full of them is a flood, or far too short.
NEARLY_FULL = 0.75

SHOWN = 5  # listeners in the evidence

_COOKIES = "net.ipv4.tcp_syncookies"
_MAX_SYN_BACKLOG = "net.ipv4.tcp_max_syn_backlog"
_TIMESTAMPS = "net.ipv4.tcp_timestamps"
_COUNTERS = {
    "TcpExt.SyncookiesSent": "syncookies_sent",
    "TcpExt.TCPReqQFullDoCookies": "queue_full_cookies",
    "TcpExt.TCPReqQFullDrop": "queue_full_drops",
}
_BEHIND = (
    "The accept queue behind it is full, so handshakes that are finished for the client stay here, and the SYN-ACK is "
    "sent again to clients who have answered it. See accept-queue."
)
_ALWAYS = 2  # tcp_syncookies: a cookie for every SYN, for tests


def check(model: Model) -> Verdict:
    """Whether half-open requests overflow, and what then happens to new ones."""
    filling = [queue for queue in model.syn_queues if _fill(model, queue) >= NEARLY_FULL]
    dropped = model.delta("TcpExt.TCPReqQFullDrop") or 0
    cookies = model.delta("TcpExt.SyncookiesSent") or 0
    if dropped or filling or (cookies and model.setting(_COOKIES) != _ALWAYS):
        return _finding(model, filling, dropped, cookies)
    if model.setting(_COOKIES) == _ALWAYS:
        return _always(model)
    half_open = model.states.get("SYN_RECV", 0)
    if half_open and any(queue.backlog is None for queue in model.syn_queues) and _rates_unseen(model):
        reason = (
            f"{half_open:,} SYN_RECV; the limits of the queues are out of sight without sock_diag, "
            f"cookies and drops: {_rates_unseen(model)}"
        )
        return Unknown(id=ID, reason=reason, evidence=_evidence(model, model.syn_queues[:SHOWN]))
    return _healthy(model, half_open)


def capacity(model: Model, queue: SynQueue) -> int | None:
    """Requests that fit into one socket's queue; None where its backlog is not visible.

    The queue is full beyond its backlog (inet_csk_reqsk_queue_is_full, include/net/inet_connection_sock.h). With
    cookies off, peers that are not known to be alive get only three quarters of ``tcp_max_syn_backlog``
    (tcp_conn_request, net/ipv4/tcp_input.c).
    """
    if queue.backlog is None:
        return None
    most = model.setting(_MAX_SYN_BACKLOG)
    if model.setting(_COOKIES) != 0 or most is None:
        return queue.backlog + 1
    return min(queue.backlog, most - (most >> 2)) + 1


def overflows(model: Model) -> bool:
    """Whether requests are dropped, or one of the queues is so full that the next one is near."""
    return bool(model.delta("TcpExt.TCPReqQFullDrop")) or any(
        _fill(model, queue) >= NEARLY_FULL for queue in model.syn_queues
    )


def _fill(model: Model, queue: SynQueue) -> float:
    fits = capacity(model, queue)
    return 0.0 if fits is None else queue.half_open / (max(fits, 1) * queue.sockets)


def _rates_unseen(model: Model) -> str:
    """Why it is unknown how many cookies were sent and requests dropped; empty: it is known."""
    if model.no_change:
        return model.no_change
    return "" if any(model.delta(name) is not None for name in _COUNTERS) else "this kernel has no such counters"


def _healthy(model: Model, half_open: int) -> Healthy:
    unseen = _rates_unseen(model)
    return Healthy(
        id=ID,
        summary=f"{counted(half_open, 'half-open request')}; no queue near its limit" if half_open else "no SYN_RECV",
        evidence=_evidence(model, model.syn_queues[:1]),
        unseen={"cookies and drops": unseen} if unseen else {},
        absent=not model.syn_queues,
    )


def _always(model: Model) -> Finding:
    return Finding(
        id=ID,
        severity="notice",
        summary=f"{_COOKIES} is 2: every SYN is answered with a cookie, needed or not",
        evidence=_evidence(model, model.syn_queues[:1]),
        cause=(
            "2 is for tests. Every connection loses the options that a cookie cannot carry (window scaling and SACK "
            "where the client has no timestamps), and its SYN-ACK is never sent again."
        ),
        remedies=[Remedy(kind="setting", key=_COOKIES, value="1", text="Cookies only when a queue is full.")],
        confidence="high",
    )


def _finding(model: Model, filling: list[SynQueue], dropped: int, cookies: int) -> Finding:
    shown = filling or [queue for queue in model.syn_queues if queue.half_open] or model.syn_queues
    return Finding(
        id=ID,
        severity=_severity(model, filling, dropped),
        summary=_summary(model, filling, dropped, cookies),
        evidence=_evidence(model, shown[:SHOWN]),
        cause=_cause(model, shown) if not accepts_slowly(model, filling) else _BEHIND,
        remedies=_remedies(model, shown[0] if shown else None),
        confidence="high" if dropped or cookies else "medium",
    )


def _severity(model: Model, filling: list[SynQueue], dropped: int) -> Severity:
    """Critical where a full queue drops requests; cookies keep the door open. A notice where accept() is the cause."""
    if accepts_slowly(model, filling):
        return "notice"
    full = any(_fill(model, queue) >= 1.0 for queue in filling)
    return "critical" if dropped or (full and model.setting(_COOKIES) == 0) else "warning"


def accepts_slowly(model: Model, filling: list[SynQueue]) -> bool:
    """Whether requests wait because the accept queue behind them is full: then ``accept_queue`` has the word."""
    full = {(one.address, one.port) for one in model.accept_queues if (one.fill or 0.0) >= NEARLY_FULL}
    behind = bool(filling) and all((one.address, one.port) in full for one in filling)
    return behind or bool(model.delta("TcpExt.ListenOverflows"))


def _summary(model: Model, filling: list[SynQueue], dropped: int, cookies: int) -> str:
    parts = []
    if filling:
        worst = filling[0]
        fits = (capacity(model, worst) or 0) * worst.sockets
        parts.append(f"the SYN queue of {worst.label} holds {worst.half_open:,} of {fits:,} half-open requests")
    seconds = f"{model.change.interval_s:.0f} s" if model.change else ""
    if dropped:
        parts.append(f"{counted(dropped, 'SYN')} dropped in {seconds}")
    if cookies:
        parts.append(f"{counted(cookies, 'SYN cookie')} sent in {seconds}")
    return "; ".join(parts)


def _cause(model: Model, shown: list[SynQueue]) -> str:
    off = model.setting(_COOKIES) == 0
    then = "new ones are dropped" if off else "each further SYN gets a cookie, without options that need memory"
    return (
        "Requests arrive faster than their clients complete them. "
        f"{_flood_or_capacity(model, shown)} Beyond the listener's backlog {then}."
    )


def _flood_or_capacity(model: Model, shown: list[SynQueue]) -> str:
    """What the answers tell: an honest client completes before its SYN-ACK is sent again, after a second."""
    half_open, unanswered = sum(one.half_open for one in shown), sum(one.unanswered for one in shown)
    if not model.has_timers or not half_open:
        return (
            "A flood, clients that the SYN-ACK does not reach, TCP_DEFER_ACCEPT, or a backlog too short for the burst."
        )
    if 2 * unanswered >= half_open:
        return (
            f"{unanswered:,} of {half_open:,} do not answer the SYN-ACK: a flood, or the SYN-ACK does not reach them."
        )
    return f"Only {unanswered:,} of {half_open:,} leave a SYN-ACK unanswered: honest clients, too short a backlog."


def _remedies(model: Model, worst: SynQueue | None) -> list[Remedy]:
    found = []
    if model.setting(_COOKIES) == 0:
        text = "A full queue then answers with cookies instead of dropping: a last resort, not capacity."
        found.append(Remedy(kind="setting", key=_COOKIES, value="1", text=text))
    if model.setting(_TIMESTAMPS) == 0:
        text = "Without timestamps a connection made by cookie loses window scaling and SACK."
        found.append(Remedy(kind="setting", key=_TIMESTAMPS, value="1", text=text))
    flood = Remedy(
        kind="network", text="If the sources of SYN_RECV are many and never complete, it is a flood: filter upstream."
    )
    backlog, process = (None, None) if worst is None else (worst.backlog, worst.process)
    return [*found, *backlog_remedies(model, backlog, process), flood]


def _evidence(model: Model, shown: list[SynQueue]) -> Evidence:
    evidence: Evidence = {"syn_recv": model.states.get("SYN_RECV", 0), "syncookies": model.setting(_COOKIES)}
    if model.change is not None:
        for counter, name in _COUNTERS.items():
            delta = model.delta(counter)
            if delta is not None:
                evidence |= {name: delta, f"{name}_per_s": one_decimal(delta / model.change.interval_s)}
        evidence["interval_s"] = one_decimal(model.change.interval_s)
    evidence["queues"] = [
        {
            "listener": one.label,
            "process": one.process,
            "half_open": one.half_open,
            "unanswered": one.unanswered if model.has_timers else None,
            "sources_at_least": one.sources,
            "sockets": one.sockets,
            "backlog": one.backlog,
            "capacity": capacity(model, one),
        }
        for one in shown
    ]
    return evidence


RULE = Rule(
    id=ID,
    title="Half-open requests and SYN cookies, by listener",
    check=check,
    explanation=(
        "Between SYN and ACK a request is in SYN_RECV, for about one round trip. Since Linux 4.4 the "
        "listener's backlog bounds this queue too. When it is full, tcp_syncookies decides: 1, the SYN is "
        "answered with a cookie and nothing is kept, at the price of window scaling and SACK where the client "
        "has no timestamps; 0, it is dropped, and already at three quarters of tcp_max_syn_backlog, a setting "
        "that is without effect otherwise.\n\n"
        "Cookies that are being sent mean a flood, or a backlog too short for honest bursts: the sources tell "
        "which. Cookies are no capacity: a program that does not accept() is not helped."
    ),
    claims=(
        "syn-queue-is-bounded-by-the-backlog",
        "syncookies-are-a-fallback",
        "max-syn-backlog-idle-under-cookies",
        "syncookies-do-not-lengthen-the-accept-queue",
    ),
)
