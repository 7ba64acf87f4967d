"""FIN_WAIT2: this side has closed, the peer has not. Orphans end by a timer, what a process holds does not."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.close_wait import drains, name_of
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted, top
from lastack.model.holders import Holder
from lastack.model.model import Model

__all__ = ["FEW", "ID", "MANY", "OLD_S", "RULE", "SHARE", "check"]

ID = "fin-wait2"

# As in close-wait: what a busy program has at any moment.
FEW = 20
MANY = 100
# A server that half-closes to let the client read the rest gives it 30 s (nginx's lingering_time) at most; beyond a
# minute, the power of two that silences are counted in, nobody will.
OLD_S = 64
# Where half of a program's connections are half-closed, this is no lingering even if they are young.
SHARE = 0.5


def check(model: Model) -> Verdict:
    """Whether a process waits for ever for peers that do not close."""
    answers = [(holder, _leaks(model, holder)) for holder in model.fin_wait2]
    sick = [holder for holder, leaks in answers if leaks]
    if sick:
        return _finding(model, sick)
    ageless = [holder for holder, leaks in answers if leaks is None]
    if ageless:
        return Unknown(
            id=ID,
            reason=f"{name_of(ageless[0])} holds {ageless[0].count:,} FIN_WAIT2 whose age takes sock_diag to see",
            evidence=_evidence(model, ageless),
        )
    return Healthy(
        id=ID,
        summary=_summary(model),
        evidence=_evidence(model, model.fin_wait2[:1]),
        absent="FIN_WAIT2" not in model.states,
    )


def _leaks(model: Model, holder: Holder) -> bool | None:
    """None: that takes their age, which is not visible."""
    if drains(model, holder):
        return False
    if _old(holder) >= FEW or (holder.count >= MANY and _crowds(holder)):
        return True
    return None if holder.count >= MANY and holder.silent is None else False


def _crowds(holder: Holder) -> bool:
    return holder.count >= SHARE * holder.connections


def _old(holder: Holder) -> int:
    return holder.silent_for(OLD_S) or 0


def _held(model: Model) -> int:
    return sum(holder.count for holder in model.fin_wait2)


def _orphans(model: Model) -> int:
    return model.states.get("FIN_WAIT2", 0) - _held(model)


def _summary(model: Model) -> str:
    orphans, held = _orphans(model), _held(model)
    if not orphans + held:
        return "no FIN_WAIT2"
    timed = f"{counted(orphans, 'orphan')} in FIN_WAIT2, which a timer ends" if orphans else ""
    kept = f"{held:,} held in FIN_WAIT2, none for long" if held else ""
    return "; ".join(filter(None, [timed, kept]))


def _finding(model: Model, sick: list[Holder]) -> Finding:
    worst = sick[0]
    old = _old(worst)
    since = f", {old:,} of them for over {OLD_S} s" if old else ""
    return Finding(
        id=ID,
        severity="warning" if _crowds(worst) else "notice",
        summary=f"{name_of(worst)} keeps {worst.count:,} half-closed connections whose peer has not closed{since}",
        evidence=_evidence(model, sick),
        cause=(
            "The program called shutdown() and keeps the socket to read what is still to come. The peer has "
            "acknowledged and sends neither data nor FIN: it leaks CLOSE_WAIT, is stuck, or is gone. tcp_fin_timeout "
            "counts from close() alone, so no timer ends this, and each keeps a file descriptor."
        ),
        remedies=[
            *remedies_for("dead-peer", next(iter(worst.processes), None)),
            Remedy(
                kind="application",
                text="After shutdown() read with a time limit (SO_RCVTIMEO, a poll timeout) and then close().",
            ),
            Remedy(kind="application", text="Look at the peer: connections in FIN_WAIT2 here are in CLOSE_WAIT there."),
        ],
        confidence="high" if old >= FEW else "medium",
    )


def _evidence(model: Model, shown: list[Holder]) -> Evidence:
    return {
        "fin_wait2": model.states.get("FIN_WAIT2", 0),
        "orphans": _orphans(model),
        "fin_timeout_s": model.setting("net.ipv4.tcp_fin_timeout"),
        "holders": [
            {
                "holder": name_of(one),
                "held": one.count,
                f"silent_for_{OLD_S}_s": one.silent_for(OLD_S),
                "growth": one.growth,
                "processes": top(one.processes),
                "places": top(one.places),
            }
            for one in shown[:5]
        ],
    }


RULE = Rule(
    id=ID,
    title="Connections that this side closed and the peer has not",
    check=check,
    explanation=(
        "In FIN_WAIT2 the peer has acknowledged our FIN and has not sent its own. If the program has called close(), "
        "the socket is an orphan: it lives on as a small time-wait socket for tcp_fin_timeout seconds (60), counts "
        "against tcp_max_tw_buckets, and needs no attention.\n\n"
        "If the program has called shutdown() and keeps the socket, no timer runs, and it waits for as long as the "
        "peer likes. Servers do that for some seconds on purpose, so that a client can read a last answer. Those whose "
        "peer has been silent for over a minute are a leak of file descriptors, here and, as CLOSE_WAIT, at "
        "the peer: a notice, and a warning where they are half of the program's connections. Then a hundred are a "
        "warning even if they are young, with less certainty."
    ),
    claims=("fin-timeout-spares-half-closed-sockets", "fin-timeout-bounds-fin-wait2"),
)
