"""tcp_fin_timeout: above 60 s it does not last as long as it says, and at 0 it is hardly there."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.model.census import TIME_WAIT_S
from lastack.model.model import Model

__all__ = ["ID", "RULE", "check", "lasts_s"]

ID = "fin-timeout"

_KEY = "net.ipv4.tcp_fin_timeout"


def check(model: Model) -> Verdict:
    """Whether an orphaned FIN_WAIT2 lasts as long as the setting says."""
    seconds = model.setting(_KEY)
    if seconds is None:
        return Unknown(id=ID, reason=f"{_KEY} is not visible")
    if 0 < seconds <= TIME_WAIT_S:
        return Healthy(id=ID, summary=f"orphaned FIN_WAIT2 ends after {seconds} s", evidence=_evidence(model, seconds))
    return Finding(
        id=ID,
        severity="notice",
        summary=f"{_KEY} is {seconds}, and orphaned FIN_WAIT2 ends after {_words(seconds)}",
        evidence=_evidence(model, seconds),
        cause=(
            "Up to 60 s the kernel keeps a small time-wait socket for that long. Above, it keeps the whole socket, an "
            "orphan, for what exceeds 60 s, and then the small one for as long again: twice the excess, not the number."
            if seconds > 0
            else "At 0 or less the kernel waits for a few retransmission timeouts: slow peers find nobody."
        ),
        remedies=[
            Remedy(
                kind="setting",
                key=_KEY,
                value=str(TIME_WAIT_S),
                text="The default. For less memory in FIN_WAIT2 take less; it has no effect on TIME_WAIT.",
            )
        ],
        confidence="high",
    )


def lasts_s(seconds: int) -> int:
    """How long FIN_WAIT2 lasts, with a value above 0.

    >>> lasts_s(60), lasts_s(61), lasts_s(75), lasts_s(90)
    (60, 2, 30, 60)
    """
    return seconds if seconds <= TIME_WAIT_S else 2 * (seconds - TIME_WAIT_S)


def _words(seconds: int) -> str:
    return f"{lasts_s(seconds):,} s" if seconds > 0 else "about a second"


def _evidence(model: Model, seconds: int) -> Evidence:
    return {
        "fin_timeout_s": seconds,
        "lasts_s": lasts_s(seconds) if seconds > 0 else None,
        "fin_wait2": model.states.get("FIN_WAIT2", 0),
    }


RULE = Rule(
    id=ID,
    title="How long an orphaned FIN_WAIT2 lasts",
    check=check,
    explanation=(
        "A socket that its process has closed, and whose FIN is acknowledged, waits in FIN_WAIT2 for the peer's FIN. "
        "tcp_fin_timeout bounds that. Up to 60 s it is what it says. Above, FIN_WAIT2 lasts twice what exceeds 60 s: "
        "61 means 2 s, 75 means 30 s, 90 means 60 s, and for half of that it is a whole socket and an orphan.\n\n"
        "It is not the length of TIME_WAIT, which is 60 s and has no setting; and a FIN_WAIT2 whose process still "
        "holds it, after shutdown(), has no timeout at all. Nothing fails over this, so it is a notice."
    ),
    claims=("fin-timeout-above-60-is-twice-the-rest", "fin-timeout-is-not-time-wait"),
)
