"""SYN cookies without timestamps: connections that are made by cookie lose window scaling and SACK."""

from lastack.doctor.during import changes, during
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.model import Model

__all__ = ["ID", "RULE", "check"]

ID = "cookie-options"

_COOKIES, _TIMESTAMPS = "net.ipv4.tcp_syncookies", "net.ipv4.tcp_timestamps"
_MADE = "TcpExt.SyncookiesRecv"


def check(model: Model) -> Verdict:
    """Whether a cookie, once one is sent, can carry a connection's options."""
    cookies, timestamps = model.setting(_COOKIES), model.setting(_TIMESTAMPS)
    if cookies is None or timestamps is None:
        return Unknown(id=ID, reason=f"{_COOKIES} or {_TIMESTAMPS} is not visible")
    if timestamps or not cookies:
        summary = "cookies carry options in timestamps" if cookies else "cookies are off"
        return Healthy(id=ID, summary=summary, evidence=_evidence(model), absent=not cookies)
    made = model.delta(_MADE) or 0
    hit = f"; {counted(made, 'connection')} without them {during(model)}" if made else ""
    return Finding(
        id=ID,
        severity="notice",
        summary=f"{_TIMESTAMPS} is 0: connections made by SYN cookie have no window scaling and no SACK{hit}",
        evidence=_evidence(model),
        cause=(
            "A cookie is all that the kernel keeps of a SYN, and the options that it has no room for are in the "
            "timestamp. Without timestamps a connection made under pressure has windows of 64 KB at most and repeats "
            "more than was lost, for as long as it lives: 64 KB a round trip is 5 Mbit/s at 100 ms."
        ),
        remedies=[Remedy(kind="setting", key=_TIMESTAMPS, value="1", text="The default, and PAWS comes with it.")],
        confidence="high",
    )


def _evidence(model: Model) -> Evidence:
    return {
        "syncookies": model.setting(_COOKIES),
        "timestamps": model.setting(_TIMESTAMPS),
        **changes(model, {_MADE: "made_by_cookie"}),
    }


RULE = Rule(
    id=ID,
    title="Whether SYN cookies keep a connection's options",
    check=check,
    explanation=(
        "When a SYN queue is full, the answer is a cookie: a sequence number that encodes what the kernel must "
        "remember, with room for little more than one of four segment sizes. Window scaling, SACK and ECN go into "
        "the low bits of the timestamp, if both ends use timestamps; otherwise the connection does without.\n\n"
        "With tcp_timestamps = 0 on the server that holds for every client. It is a notice: connections work, and "
        "slowly over long paths. Whether cookies are being sent at all is the business of syn-queue."
    ),
    claims=("syncookies-options-need-timestamps",),
)
