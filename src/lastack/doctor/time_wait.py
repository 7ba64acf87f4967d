"""TIME_WAIT: harmless, or at its limit. What it does to ports, ``ephemeral_ports`` judges."""

from lastack.doctor.ephemeral_ports import strain
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import megabytes, one_decimal, span
from lastack.model.census import TIME_WAIT_S
from lastack.model.model import Model
from lastack.model.time_wait import BYTES_HIGH

__all__ = ["ID", "LIMIT", "NEAR_LIMIT", "RULE", "check", "make_room"]

ID = "time-wait"

# A tenth of the limit left is six seconds of closing at the rate that filled it.
NEAR_LIMIT = 0.9

LIMIT = "net.ipv4.tcp_max_tw_buckets"
_OVERFLOW = "TcpExt.TCPTimeWaitOverflow"
_LEAST_LIMIT = 65_536  # 34 MB when full


def check(model: Model) -> Verdict:
    """Whether the kernel has room for TIME_WAIT, and what those that it has cost."""
    limit = model.time_wait.limit
    if limit is None and model.delta(_OVERFLOW) is None:
        return Unknown(id=ID, reason=_out_of_sight(model), evidence=_evidence(model))
    if limit == 0:
        return _finding(
            model, _unless_counted(model), f"{LIMIT} is 0: no connection that closes here gets its TIME_WAIT"
        )
    if limit is None or limit < 0 or model.time_wait.mini_sockets < NEAR_LIMIT * limit:
        return _healthy(model)
    share = f"{model.time_wait.mini_sockets:,} of {limit:,} time-wait sockets"
    if model.time_wait.mini_sockets < limit:
        return _finding(model, "notice", f"{share} are in use: near the limit, from which on closes go unprotected")
    return _finding(model, _unless_counted(model), f"{share} are in use: the next close gets no TIME_WAIT")


def _unless_counted(model: Model) -> Severity:
    """A warning, unless it is known whether closes are refused: then ``time_wait_refused`` has the word."""
    return "warning" if model.delta(_OVERFLOW) is None else "notice"


def _healthy(model: Model) -> Healthy:
    return Healthy(id=ID, summary=_harmless(model), evidence=_evidence(model), absent=not model.time_wait.count)


def _harmless(model: Model) -> str:
    waiting = model.time_wait
    if not waiting.count:
        return "no TIME_WAIT"
    memory = span(waiting.memory_low_bytes, waiting.memory_high_bytes)
    if _short(model):
        return f"{waiting.count:,} TIME_WAIT, which cost ports (see ephemeral-ports) and {memory}"
    return f"{waiting.count:,} TIME_WAIT, harmless: {memory} and no descriptor"


def _short(model: Model) -> list[str]:
    """Destinations whose ports run short because of TIME_WAIT."""
    return [one.label for one in model.destinations if one.time_wait > one.held and strain(one)]


def _out_of_sight(model: Model) -> str:
    return f"{_harmless(model)}; whether more are refused is unknown: {LIMIT} is not visible, {_why_no_delta(model)}"


def _why_no_delta(model: Model) -> str:
    return model.no_change or "this kernel has no TCPTimeWaitOverflow"


def _evidence(model: Model) -> Evidence:
    waiting = model.time_wait
    return {
        "time_wait": waiting.count,
        "server_closed": waiting.server_closed,
        "client_closed": waiting.client_closed,
        "closes_per_s": one_decimal(sum(waiting.closes) / TIME_WAIT_S),
        "memory_low_bytes": waiting.memory_low_bytes,
        "memory_high_bytes": waiting.memory_high_bytes,
        "mini_sockets": waiting.mini_sockets,
        "limit": waiting.limit,
    }


def _finding(model: Model, severity: Severity, summary: str) -> Finding:
    return Finding(
        id=ID,
        severity=severity,
        summary=summary,
        evidence=_evidence(model),
        cause=(
            "TIME_WAIT and orphaned FIN_WAIT2 share one limit per namespace. Beyond it, or when memory is short, the "
            "kernel forgets a connection as soon as this side closes it: what the peer still sends is answered with "
            "RST, and old segments can reach a new connection of the same ports. Nothing is logged."
        ),
        remedies=_remedies(model),
        confidence="high",
    )


def _remedies(model: Model) -> list[Remedy]:
    return [
        Remedy(
            kind="application",
            text="Close less: keep connections open for more requests, or let the other side close first.",
        ),
        make_room(model),
    ]


def make_room(model: Model, refused: int = 0) -> Remedy:
    """Raise the limit; ``refused``: closes that got no TIME_WAIT since the earlier sample."""
    raised = _roomy(model, refused / model.change.interval_s if model.change else 0.0)
    text = f"Make room: at most {megabytes(raised * BYTES_HIGH)} when full."
    return Remedy(kind="setting", key=LIMIT, value=str(raised), text=text)


def _roomy(model: Model, refused_per_s: float) -> int:
    """A power of two with twice the room that the present closes need."""
    need = model.time_wait.mini_sockets + refused_per_s * TIME_WAIT_S
    wanted = 2 * max(int(need), model.time_wait.limit or 0)
    return max(1 << (wanted - 1).bit_length(), _LEAST_LIMIT)


RULE = Rule(
    id=ID,
    title="TIME_WAIT: cost and limit",
    check=check,
    explanation=(
        "The side that closes first keeps the pair of addresses and ports in TIME_WAIT for 60 s, so that late "
        "segments cannot reach a new connection and a lost last ACK can be sent again. It costs 256 to 521 "
        "bytes, no file descriptor and no process. On a server's port it limits nobody: a client that comes "
        "back with the same port is let in at once. What it can use up are a client's local ports towards one "
        "destination, which ephemeral-ports judges.\n\n"
        "tcp_max_tw_buckets bounds TIME_WAIT and orphaned FIN_WAIT2 together. Beyond it, connections are "
        "forgotten instead (see time-wait-refused), which loses the protection and resets peers that still have "
        "something to say. Lowering it makes the number in a census smaller and nothing better. "
        "tcp_fin_timeout does not shorten TIME_WAIT; nothing does."
    ),
    claims=(
        "time-wait-lasts-60-s",
        "time-wait-holds-no-file",
        "tw-buckets-evict-nothing",
        "tw-buckets-overflow-answers-with-rst",
        "fin-timeout-is-not-time-wait",
    ),
)
