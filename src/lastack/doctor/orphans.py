"""Orphans: sockets that their process has closed and whose peer has not finished. The machine has a limit of them.

The limit and the count are the machine's. Beyond the limit a close ends in RST, and what was still to be sent is lost
(tcp_check_oom, net/ipv4/tcp.c); an orphan whose peer has long been silent counts twice or four times
(tcp_out_of_resources, net/ipv4/tcp_timer.c).
"""

from lastack.doctor.during import changes, during
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, megabytes, percent
from lastack.model.model import Model

__all__ = ["ABORTED", "FEW", "HARD", "HEAVY", "ID", "RULE", "check", "killing"]

ID = "orphans"

# Silent orphans count twice: from half of the limit on, the kernel resets them.
HEAVY = 0.5
# And those whose peer has a known error four times: below a quarter, no reset is for the number of orphans.
HARD = 0.25
# Of half the table of connections, the limit that a kernel starts with: so far below that nobody lowered it there.
FEW = 0.05

ABORTED = "TcpExt.TCPAbortOnMemory"
_LIMIT = "net.ipv4.tcp_max_orphans"
_BYTES = 65_536  # that an orphan can hold at most (ip-sysctl.rst, tcp_max_orphans)


def check(model: Model) -> Verdict:
    """Whether the machine has room for connections that have been closed and have not finished."""
    count, limit = model.machine.orphans, model.machine.orphan_limit
    if count is None:
        return Unknown(id=ID, reason="the number of orphans (sockstat) is not visible")
    if limit is None:
        return _without_limit(model, count)
    if killing(model) or count >= HEAVY * limit:
        return _finding(model, count, limit)
    return Healthy(id=ID, summary=_summary(count, limit), evidence=_evidence(model), absent=not count)


def killing(model: Model) -> bool:
    """Whether connections were reset for the number of orphans; for want of memory otherwise."""
    count, limit = model.machine.orphans, model.machine.orphan_limit
    return bool(model.delta(ABORTED)) and count is not None and limit is not None and count >= HARD * limit


def _without_limit(model: Model, count: int) -> Verdict:
    default = (model.machine.buckets or 0) // 2
    reason = "it is the machine's, and only its first namespace shows it"
    if count and count >= FEW * default:
        return Unknown(
            id=ID,
            reason=f"{counted(count, 'orphan')} on this machine, and {_LIMIT} is out of sight: {reason}",
            evidence=_evidence(model),
        )
    return Healthy(
        id=ID,
        summary=f"{counted(count, 'orphan')} on the whole machine" if count else "no orphans",
        evidence=_evidence(model),
        unseen={_LIMIT: reason} if count else {},
        absent=not count,
    )


def _summary(count: int, limit: int) -> str:
    return f"{count:,} of {counted(limit, 'orphan')}" if count else "no orphans"


def _severity(model: Model, count: int, limit: int) -> Severity:
    return "critical" if killing(model) or count >= limit else "warning"


def _finding(model: Model, count: int, limit: int) -> Finding:
    aborted = model.delta(ABORTED) or 0
    lost = f"; {counted(aborted, 'connection')} reset {during(model)}" if aborted else ""
    return Finding(
        id=ID,
        severity=_severity(model, count, limit),
        summary=f"{count:,} of {counted(limit, 'orphan')} on this machine{lost}",
        evidence=_evidence(model),
        cause=(
            "Programs closed these connections, and their peers do not take the rest or do not answer the FIN. Near "
            "the limit, which is all namespaces' together, the kernel resets orphans instead of finishing them: the "
            "end of what was sent is lost. Orphans of silent peers count twice."
        ),
        remedies=_remedies(limit),
        confidence="high",
    )


def _remedies(limit: int) -> list[Remedy]:
    return [
        Remedy(
            kind="network",
            text="Find out why peers vanish: see vanished-peers; a firewall that drops FINs, a dead route, a scan.",
        ),
        Remedy(
            kind="application",
            text="Bound what a close leaves behind: send timeouts, TCP_USER_TIMEOUT, smaller send buffers.",
        ),
        Remedy(
            kind="setting",
            key=_LIMIT,
            value=str(2 * limit),
            text=f"Make room, on the host itself; full, it can hold {megabytes(2 * limit * _BYTES)}.",
        ),
        Remedy(
            kind="setting",
            key="net.ipv4.tcp_orphan_retries",
            value="4",
            text="Forget an orphan whose peer is silent after 7 s instead of 100 s; slow peers lose their data, too.",
        ),
    ]


def _evidence(model: Model) -> Evidence:
    count, limit = model.machine.orphans, model.machine.orphan_limit
    share = None if count is None or limit is None else percent(count, limit)
    here = {state: model.states.get(state, 0) for state in ("FIN_WAIT1", "CLOSING", "LAST_ACK")}
    return {
        "orphans": count,
        "limit": limit,
        "share_percent": share,
        "unfinished_here": sum(here.values()),
        **changes(model, {ABORTED: "aborted_on_memory"}),
    }


RULE = Rule(
    id=ID,
    title="Closed connections that have not finished, against the machine's limit",
    check=check,
    explanation=(
        "An orphan is a socket that no process holds any more and that has not reached TIME_WAIT: its FIN is not "
        "acknowledged, or data before it is not. It can hold up to 64 KB. tcp_max_orphans bounds the orphans of all "
        "namespaces together; orphaned FIN_WAIT2 is not among them unless tcp_fin_timeout is above 60 s.\n\n"
        "Over the limit the kernel resets a connection when it is closed, and what was still to be sent is lost "
        "(TCPAbortOnMemory, and a line in the log). Orphans whose peers have been silent for long count double, so "
        "that begins at half of the limit: a warning. Critical: it is reached, or connections were reset between two "
        "samples while a quarter of it was in use.\n\n"
        "Lowering tcp_max_orphans, as old recipes have it, only makes that happen sooner. In a container the limit "
        "is out of sight; a number that is far below half of the table of connections, where every kernel starts, is "
        "taken for healthy."
    ),
    claims=(
        "max-orphans-resets-the-next-close",
        "orphans-deliver-what-was-written",
        "sockstat-orphans-are-the-machines",
    ),
)
