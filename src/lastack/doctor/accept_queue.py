"""Accept queues: connections that are established and wait for the program to accept() them."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.backlog import SOMAXCONN, backlog_remedies
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, one_decimal
from lastack.model.listeners import AcceptQueue
from lastack.model.model import Model

__all__ = ["ID", "NEARLY_FULL", "RULE", "SHOWN", "check"]

ID = "accept-queue"

# A program that keeps up leaves its queue near empty: three quarters at a random moment is no chance.
NEARLY_FULL = 0.75

_NEARLY_EMPTY = 0.1

SHOWN = 5  # listeners in the evidence

_OVERFLOWS = "TcpExt.ListenOverflows"


def check(model: Model) -> Verdict:
    """Whether connections are lost, or about to be, because a program accepts too slowly."""
    lost = model.delta(_OVERFLOWS)
    filling = [queue for queue in model.accept_queues if (queue.fill or 0.0) >= NEARLY_FULL]
    losing = sorted((queue for queue in model.accept_queues if queue.lost), key=lambda queue: -(queue.lost or 0))
    if filling or lost:
        return _finding(model, filling, losing if lost else [], lost)
    hidden = [queue for queue in model.accept_queues if queue.fill is None]
    if hidden and lost is None:
        reason = f"the queues and their limits are out of sight without sock_diag; overflows: {_why_no_delta(model)}"
        return Unknown(id=ID, reason=reason, evidence=_evidence(model, hidden[:SHOWN]))
    return Healthy(
        id=ID,
        summary=_room(model),
        evidence=_evidence(model, model.accept_queues[:1]),
        unseen={"overflows": _why_no_delta(model)} if lost is None else {},
        absent=not model.accept_queues,
    )


def _why_no_delta(model: Model) -> str:
    return model.no_change or "this kernel has no ListenOverflows"


def _room(model: Model) -> str:
    if not model.accept_queues:
        return "no listeners"
    fullest = model.accept_queues[0]
    if fullest.fill is None:
        return "no overflow between the samples"
    if not fullest.queue:
        return f"{counted(len(model.accept_queues), 'queue')}, none with a connection waiting"
    return f"fullest holds {fullest.queue:,} of {fullest.capacity:,} ({fullest.label})"


def _finding(model: Model, filling: list[AcceptQueue], losing: list[AcceptQueue], lost: int | None) -> Finding:
    shown = filling or losing or model.accept_queues
    worst = shown[0] if shown else None
    return Finding(
        id=ID,
        severity=_severity(filling, lost),
        summary=_summary(model, filling, losing, lost),
        evidence=_evidence(model, shown[:SHOWN]),
        cause=_cause(model, worst),
        remedies=_remedies(model, worst),
        confidence="high" if lost or _full(filling) else "medium",
    )


def _full(filling: list[AcceptQueue]) -> bool:
    return any((queue.fill or 0.0) >= 1.0 for queue in filling)


def _severity(filling: list[AcceptQueue], lost: int | None) -> Severity:
    """Critical where a queue loses connections and is full, or nearly so, at the moment; as far as is known."""
    return "critical" if (_full(filling) and lost != 0) or (filling and lost) else "warning"


def _summary(model: Model, filling: list[AcceptQueue], losing: list[AcceptQueue], lost: int | None) -> str:
    overflow = f"{counted(lost, 'connection attempt')} met a full accept queue in {_seconds(model)} s" if lost else ""
    if filling:
        worst = filling[0]
        state = f"the accept queue of {worst.label}{_who(worst)} holds {worst.queue:,} of {worst.capacity:,}"
        return f"{state}; {overflow}" if overflow else state
    if losing:
        return f"{overflow}, at {losing[0].label}{_who(losing[0])}, which has room now"
    return f"{overflow}; none is near its limit now"


def _who(queue: AcceptQueue) -> str:
    return f" ({queue.process})" if queue.process else ""


def _seconds(model: Model) -> str:
    return f"{model.change.interval_s:.0f}" if model.change else "0"


def _cause(model: Model, worst: AcceptQueue | None) -> str:
    if worst is not None and (idle := _idle_beside(model, worst)):
        return (
            f"The port is shared (SO_REUSEPORT), and there is room at {counted(idle, 'other socket')}. The kernel "
            "spreads connections by hash, whatever the queues hold, so one program of these is stuck or slow. "
            f"{_binds(model, worst)}"
        ).rstrip()
    return (
        "The program does not accept() as fast as connections come. While its queue is full the kernel drops SYNs: "
        f"clients wait a second or more and try again. {_binds(model, worst)}"
    ).rstrip()


def _idle_beside(model: Model, worst: AcceptQueue) -> int:
    """Sockets on the same address and port whose queue is nearly empty."""
    beside = [one for one in model.accept_queues if one.label == worst.label and one is not worst]
    return sum((one.fill or 0.0) <= _NEARLY_EMPTY for one in beside)


def _binds(model: Model, worst: AcceptQueue | None) -> str:
    """Which of the two limits the queue: min(listen(), somaxconn), taken when listen() was called."""
    if worst is None or worst.backlog is None:
        return ""
    cap = model.setting(SOMAXCONN)
    rule = f"The backlog, {worst.backlog:,}, is min(listen(), {SOMAXCONN}) as of the call to listen()"
    if cap is None:
        return f"{rule}; which of the two binds is not visible."
    if worst.backlog < cap:
        return f"{rule}; somaxconn is {cap:,}, so the program's own number binds."
    if worst.backlog > cap:
        return f"{rule}; somaxconn was lowered since, to {cap:,}, and binds from the next call on."
    return f"{rule}; somaxconn, {cap:,}, binds."


def _remedies(model: Model, worst: AcceptQueue | None) -> list[Remedy]:
    faster = Remedy(
        kind="application",
        text="Accept faster: more workers or threads, nothing slow in the loop that accepts, no stopped process.",
    )
    if worst is None:
        return [faster, *backlog_remedies(model, None, None)]
    return [faster, *remedies_for("accept", worst.process), *backlog_remedies(model, worst.backlog, worst.process)]


def _evidence(model: Model, shown: list[AcceptQueue]) -> Evidence:
    evidence: Evidence = {"listeners": len(model.accept_queues), "somaxconn": model.setting(SOMAXCONN)}
    lost = model.delta(_OVERFLOWS)
    if model.change is not None and lost is not None:
        evidence |= {
            "listen_overflows": lost,
            "listen_overflows_per_s": one_decimal(lost / model.change.interval_s),
            "interval_s": one_decimal(model.change.interval_s),
        }
    evidence["queues"] = [
        {
            "listener": one.label,
            "process": one.process,
            "queue": one.queue,
            "backlog": one.backlog,
            "capacity": one.capacity,
            "lost": one.lost,
        }
        for one in shown
    ]
    return evidence


RULE = Rule(
    id=ID,
    title="Connections waiting for accept(), by listener",
    check=check,
    explanation=(
        "A finished handshake waits in the listener's accept queue until the program calls accept(). The "
        "queue holds backlog + 1 connections, and the backlog is the number given to listen(), cut to "
        "net.core.somaxconn at that moment: raising somaxconn changes nothing for a program that asks for "
        "less, nor for one that is already listening.\n\n"
        "When the queue is full the kernel drops SYNs (ListenOverflows), and clients wait a second or more "
        "before they try again. A queue that is nearly full at a random moment means a program that does not "
        "keep up; a short one that is often full with a quick program means a backlog too short for its "
        "bursts. tcp_abort_on_overflow helps neither."
    ),
    claims=(
        "accept-queue-holds-backlog-plus-one",
        "accept-queue-full-drops-syns-in-silence",
        "somaxconn-applies-at-listen",
        "somaxconn-alone-changes-nothing-for-a-small-backlog",
        "abort-on-overflow-sends-no-rst-to-syns",
    ),
)
