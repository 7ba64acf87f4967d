"""Segments refused for a timestamp that is older than what was seen: clocks that are mixed on the way.

Each end of a connection stamps what it sends with a clock that only goes forward, and PAWS (RFC 7323, section 5)
refuses what is older. One host's clock does so; where several hosts, or a middlebox that stamps anew, share an address
and its ports, it may seem to run back.
"""

from lastack.doctor.during import changes, during, why_unseen
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted, percent
from lastack.model.model import Model

__all__ = ["FEW", "ID", "OF_OPENED", "OF_SEGMENTS", "RULE", "check"]

ID = "older-timestamps"

# Fewer in a few seconds are duplicates that were long on their way.
FEW = 20
# Of the connections that were opened from outside meanwhile: one in twenty has to try again.
OF_OPENED = 0.05
# Of the segments that came: a path that loses one in a hundred is a bad one.
OF_SEGMENTS = 0.01

_RFC1337 = "net.ipv4.tcp_rfc1337"
_OPEN, _TIME_WAIT = "TcpExt.PAWSEstab", "TcpExt.PAWSTimewait"
_COUNTERS = {
    _TIME_WAIT: "refused_by_time_wait",
    _OPEN: "refused_by_open_connections",
    "Tcp.PassiveOpens": "connections_accepted",
    "Tcp.InSegs": "segments",
}


def check(model: Model) -> Verdict:
    """Whether peers' clocks seem to run back."""
    unseen = why_unseen(model, _OPEN)
    if unseen:
        return Unknown(id=ID, reason=unseen)
    refused, opened = model.delta(_TIME_WAIT) or 0, model.delta("Tcp.PassiveOpens") or 0
    dropped, segments = model.delta(_OPEN) or 0, model.delta("Tcp.InSegs") or 0
    if dropped >= FEW and dropped >= OF_SEGMENTS * segments:
        return _data(model, dropped, segments)
    if refused >= FEW and refused >= OF_OPENED * opened:
        return _attempts(model, refused, opened)
    summary = f"{counted(refused + dropped, 'segment')} refused {during(model)} for an older timestamp"
    return Healthy(id=ID, summary=summary, evidence=_evidence(model))


def _data(model: Model, dropped: int, segments: int) -> Finding:
    """Of open connections: what is refused is lost, and sent again in vain while the clock stays behind."""
    apart = model.delta(_TIME_WAIT) is not None
    return Finding(
        id=ID,
        severity="warning" if apart else "notice",
        summary=f"{counted(dropped, 'segment')} {during(model)} dropped for an older timestamp, of {segments:,}",
        evidence=_evidence(model) | {"dropped_percent": percent(dropped, segments)},
        cause=(
            "Within a connection a peer's clock only goes forward. Where it goes back, something on the way stamps "
            "segments anew, or two hosts answer for one address. What is refused is lost: the peer sends it again, "
            "and if its clock stays behind the connection stands still." + ("" if apart else _NOT_APART)
        ),
        remedies=[
            Remedy(
                kind="network",
                text=(
                    "Capture at this host and at the peer, and look for a TSval that goes back, or differs between the "
                    "two: a load balancer, firewall or WAN optimizer that rewrites TCP timestamps, for some of the "
                    "segments or with a clock of its own. Let it pass the option as it is."
                ),
            )
        ],
        confidence="high" if apart else "medium",
    )


# Before Linux 6.17 PAWSEstab counts both.
_NOT_APART = (
    " Or it is NAT alone: this kernel counts SYNs that meet a TIME_WAIT with a newer timestamp here too, and those get "
    "in with the next one."
)


def _attempts(model: Model, refused: int, opened: int) -> Finding:
    """SYNs to ports in TIME_WAIT here."""
    hang = model.setting(_RFC1337) == 1 or refused > opened
    tries = f"{counted(refused, 'attempt')} to connect {during(model)} met a TIME_WAIT with a newer timestamp"
    return Finding(
        id=ID,
        severity="warning" if hang else "notice",
        summary=f"{tries}, beside {opened:,} that got in",
        evidence=_evidence(model) | {"tcp_rfc1337": model.setting(_RFC1337)},
        cause=(
            "Several hosts with clocks of their own share one address, behind NAT or a load balancer, or one whose "
            "clock differs from connection to connection (Linux 7.0), and take a port again within 60 s of this "
            "host's close. The kernel answers such a SYN with an ACK of the old connection. "
            + (_KEPT if model.setting(_RFC1337) == 1 else _LOST if hang else _CLEARED)
        ),
        remedies=[*_allow_resets(model), *_FEWER_MEETINGS],
        confidence="high",
    )


_KEPT = (
    f"The client resets that; as {_RFC1337} is 1 the reset is ignored, and the client waits for the TIME_WAIT to end."
)
_LOST = (
    "The client should reset that, and get in with its next SYN; as more are refused than get in, the answer or the "
    "reset is lost on the way, and the client waits for the TIME_WAIT to end."
)
_CLEARED = "The client resets that, and gets in with its next SYN, some milliseconds to a second later."

_FEWER_MEETINGS = (
    Remedy(
        kind="application",
        text="Let the clients close first, or keep connections open: then there is no TIME_WAIT here to be met.",
    ),
    Remedy(
        kind="network",
        text=(
            "Give the NAT or load balancer more addresses or ports, so that it takes none again within 60 s, and see "
            "that it passes the ACK that answers a SYN, and the reset that answers the ACK."
        ),
    ),
)


def _allow_resets(model: Model) -> list[Remedy]:
    if model.setting(_RFC1337) != 1:
        return []
    text = "The client's reset then ends the TIME_WAIT. A stray one must hit the very sequence number to do so."
    return [Remedy(kind="setting", key=_RFC1337, value="0", text=text)]


def _evidence(model: Model) -> Evidence:
    return changes(model, _COUNTERS)


RULE = Rule(
    id=ID,
    title="Segments refused because the clock of their sender seems to run back",
    check=check,
    explanation=(
        "With TCP timestamps each end shows a clock, and the kernel refuses what is older than it has seen (PAWS). "
        "tcp_tw_recycle compared the clocks of all connections from one address, and threw out clients behind NAT; it "
        "has been gone since Linux 4.12. What is left compares within one pair of addresses and ports, and two things "
        "can still go wrong.\n\n"
        "A host that closes first has a TIME_WAIT for each pair. If another host behind the same NAT address gets the "
        "same port within the minute, and its clock is behind, its SYN is refused (PAWSTimewait, since Linux 6.17). "
        "The client resets the TIME_WAIT and tries again: a notice, from twenty and a twentieth of the connections on. "
        "With tcp_rfc1337 = 1 the reset is ignored, and the client cannot connect for up to a minute; the same where a "
        "firewall drops the ACK or the reset, which shows as more refusals than connections. Both are a warning.\n\n"
        "In an open connection an older timestamp (PAWSEstab) is a duplicate that was long on its way: rare. One "
        "segment in a hundred is a warning: something rewrites timestamps. It takes two samples, for these are "
        "counters since boot."
    ),
    claims=(
        "rfc1337-one-hangs-the-client-behind-nat",
        "rfc1337-zero-lets-the-client-behind-nat-in",
        "paws-drops-older-clocks",
        "tw-recycle-left-no-counter",
    ),
)
