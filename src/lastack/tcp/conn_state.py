"""Zeek's ``conn_state``: one word for what somebody on the path saw of a connection.

Zeek keeps, for each side, a state that is coarser than TCP's own, because one observer cannot know what an end did
with a segment (zeek, src/packet_analysis/protocol/tcp/TCPSessionAdapter.cc; the words:
scripts/base/protocols/conn/main.zeek).
"""

import re

from lastack.tcp.segment import ACK, FIN, RST, SYN

__all__ = [
    "CLOSED",
    "CONN_STATES",
    "ESTABLISHED",
    "INACTIVE",
    "PARTIAL",
    "RESET",
    "SYN_ACK_SENT",
    "SYN_SENT",
    "Side",
    "conn_state",
    "observe",
]

INACTIVE, SYN_SENT, SYN_ACK_SENT, PARTIAL, ESTABLISHED, CLOSED, RESET = (
    "nothing seen",
    "SYN seen",
    "SYN-ACK seen, no SYN",
    "data seen, no SYN",
    "handshake seen",
    "FIN seen",
    "RST seen",
)

# What each word means, in the order of Zeek's documentation.
CONN_STATES = {
    "S0": "SYN without an answer",
    "S1": "established, not closed",
    "SF": "established and closed by both sides",
    "REJ": "SYN answered by a reset",
    "S2": "established, only the originator closed",
    "S3": "established, only the responder closed",
    "RSTO": "established, reset by the originator",
    "RSTR": "reset by the responder",
    "RSTOS0": "the originator sent a SYN, then a reset; no answer seen",
    "RSTRH": "the responder sent a SYN-ACK, then a reset; no SYN seen",
    "SH": "the originator sent a SYN, then a FIN; no answer seen",
    "SHR": "the responder sent a SYN-ACK, then a FIN; no SYN seen",
    "OTH": "seen from the middle on",
}

_SILENT = frozenset({INACTIVE, PARTIAL})
_OPENING = frozenset({SYN_SENT, SYN_ACK_SENT})

# A SYN, then a reset, with nothing of the originator's but data between.
_SYN_RESET = re.compile(r"\^?S[^HAFGIQ]*R.*")


class Side:
    """What was seen of one side: its state, and the state before that."""

    __slots__ = ("before", "state")

    def __init__(self) -> None:
        self.state = self.before = INACTIVE

    def enter(self, state: str) -> None:
        """Go to a state; the one before is remembered if it is another."""
        if state != self.state:
            self.before, self.state = self.state, state

    @property
    def clean(self) -> bool:
        """Established, or closed after that: what is missing then was lost, not merely unseen."""
        return self.state == ESTABLISHED or (self.state == CLOSED and self.before == ESTABLISHED)


def observe(me: Side, peer: Side, flags: int, *, payload: int, by_originator: bool) -> None:
    """Take in the flags of a segment that ``me`` sent."""
    if me.state == INACTIVE:
        _first(me, peer, flags, payload, by_originator=by_originator)
    elif me.state in _OPENING:
        if flags & FIN:
            me.enter(CLOSED)
        if flags & RST:
            me.enter(RESET)
    elif me.state == CLOSED:
        if flags & RST and peer.state != CLOSED:
            me.enter(RESET)
    elif me.state != RESET:
        _established(me, peer, flags)


def _first(me: Side, peer: Side, flags: int, payload: int, *, by_originator: bool) -> None:
    if flags & SYN:
        _opens(me, peer, flags, by_originator=by_originator)
    if flags & FIN:
        me.enter(CLOSED)
    if flags & RST:
        me.enter(RESET)
    if me.state != INACTIVE:
        return
    # Some hosts, and every Linux that still remembers an old connection, acknowledge a SYN before they answer it.
    if not by_originator and not payload and peer.state == SYN_SENT:
        return
    # The SYN was missed, its answer was not.
    me.enter(ESTABLISHED if flags & ACK and peer.state == ESTABLISHED else PARTIAL)


def _opens(me: Side, peer: Side, flags: int, *, by_originator: bool) -> None:
    if by_originator and peer.state != ESTABLISHED:
        me.enter(SYN_ACK_SENT if flags & ACK else SYN_SENT)
        return
    if peer.state == SYN_SENT:
        peer.enter(ESTABLISHED)
    me.enter(ESTABLISHED)


def _established(me: Side, peer: Side, flags: int) -> None:
    if flags & SYN and not flags & ACK and me.state == PARTIAL and peer.state == INACTIVE:
        me.enter(SYN_SENT)
    if flags & FIN and not flags & RST:
        me.enter(CLOSED)
        # The peer sent a FIN, then a reset: that was a normal end after all.
        if peer.state == RESET and peer.before == CLOSED:
            peer.enter(CLOSED)
    if flags & RST:
        me.enter(RESET)


def conn_state(orig: Side, resp: Side, history: str, *, empty: bool) -> str:
    """The word for a connection.

    Args:
        orig: what was seen of the side that opened it.
        resp: what was seen of the other.
        history: Zeek's letters.
        empty: neither side sent an octet of data.
    """
    o, r = orig.state, resp.state
    if r == RESET:
        if o in _OPENING or (o == RESET and empty):
            return "REJ"
        return "RSTRH" if o in _SILENT else "RSTR"
    if o == RESET:
        if r in _SILENT:
            return "RSTOS0" if _SYN_RESET.fullmatch(history) else "OTH"
        return "RSTO"
    return _unreset(o, r)


def _unreset(o: str, r: str) -> str:
    if o == CLOSED:
        return "SF" if r == CLOSED else "SH" if r in _SILENT else "S2"
    if r == CLOSED:
        return "SHR" if o in _SILENT else "S3"
    if o == r == ESTABLISHED:
        return "S1"
    return "S0" if o == SYN_SENT and r == INACTIVE else "OTH"
