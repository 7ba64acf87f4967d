"""TCP's own state at both ends, inferred from the segments that pass an observer.

A segment proves what its sender did, and is taken to arrive. Where a later segment shows that it had not arrived when
its receiver sent the next one, the inference is taken back: two FINs that cross are the one case that matters.
"""

from typing import NamedTuple

from lastack.tcp.segment import ACK, FIN, RST, SYN
from lastack.tcp.transitions import (
    ABORT,
    ACK_OF_FIN,
    ACK_OF_SYN,
    ACTIVE_OPEN,
    CLOSE_CALL,
    FIN_AND_ACK,
    FIN_IN,
    RST_IN,
    SYN_ACK_IN,
    SYN_IN,
    next_state,
)

__all__ = ["UNSEEN", "End", "Proof", "Visit", "follow"]

# The time of a visit that began before anything was seen.
UNSEEN = -1

Visit = tuple[str, int]

_CLOSABLE = frozenset({"ESTABLISHED", "SYN_RECV", "CLOSE_WAIT"})


class End:
    """One end.

    Attributes:
        state: a state of ``lastack.tcp.states``, or None while nothing is known of it.
        visits: the states it was in, each with the time of entering it.
        crossed: its FIN and its peer's crossed on the way.
    """

    __slots__ = ("crossed", "state", "visits")

    def __init__(self) -> None:
        self.state: str | None = None
        self.visits: list[Visit] = []
        self.crossed = False

    def move(self, event: str, time: int) -> None:
        """Take an edge of the table. What no edge allows is not taken: anything can be in a capture."""
        following = self.state and next_state(self.state, event)
        if following:
            self.state = following
            self.visits.append((following, time))

    def assume(self, state: str) -> None:
        """Be in a state since before anything was seen."""
        if self.state is None:
            self.state = state
            if state not in {"CLOSE", "LISTEN"}:
                self.visits.append((state, UNSEEN))

    def receive_fin(self, time: int) -> None:
        """The peer's FIN has come."""
        self.move(FIN_IN, time)

    def withdraw(self, state: str) -> None:
        """Take back the last move, which led to this state."""
        if len(self.visits) > 1 and self.visits[-1][0] == state:
            self.visits.pop()
            self.state = self.visits[-1][0]


class Proof(NamedTuple):
    """What a segment proves beside its flags.

    Attributes:
        acks_syn: it acknowledges the peer's SYN, seen or not.
        acks_fin: it acknowledges the peer's FIN.
        delivers_fin: with it, all of the sender's data and its FIN have come.
    """

    acks_syn: bool
    acks_fin: bool
    delivers_fin: bool


def follow(me: End, peer: End, flags: int, time: int, proof: Proof) -> None:
    """Take in a segment that ``me`` sent.

    Args:
        me: its sender.
        peer: its receiver.
        flags: its control bits.
        time: when it was seen.
        proof: what follows from its numbers.
    """
    acks_syn, acks_fin, delivers_fin = proof
    if flags & RST:
        # No Linux resets from TIME_WAIT: there was none.
        me.withdraw("TIME_WAIT")
        me.move(ABORT, time)
        peer.move(RST_IN, time)
    elif flags & SYN:
        _opens(me, peer, time, answers=bool(flags & ACK), acks_syn=acks_syn)
    else:
        _continues(me, peer, time, acks_syn=acks_syn, acknowledges=bool(flags & ACK))
        if flags & FIN:
            _closes(me, time, acks_fin=acks_fin, peer_closed=peer.state in {"FIN_WAIT1", "CLOSING"})
        _receives(me, peer, time, acks_fin=acks_fin, delivers_fin=delivers_fin)


def _opens(me: End, peer: End, time: int, *, answers: bool, acks_syn: bool) -> None:
    if not answers:
        me.assume("CLOSE")
        me.move(ACTIVE_OPEN, time)
        if peer.state == "SYN_SENT":
            peer.move(SYN_IN, time)
            # That it sends a SYN and no answer shows that the peer's had not come yet.
            me.move(SYN_IN, time)
        return
    me.assume("LISTEN")
    me.move(SYN_IN, time)
    peer.assume("SYN_SENT")
    if acks_syn:
        peer.move(SYN_ACK_IN if peer.state == "SYN_SENT" else ACK_OF_SYN, time)


def _continues(me: End, peer: End, time: int, *, acks_syn: bool, acknowledges: bool) -> None:
    if me.state is None and peer.state == "SYN_SENT":
        return
    if me.state == "SYN_SENT" and acknowledges:
        me.move(SYN_ACK_IN, time)
        peer.assume("SYN_RECV")
    me.assume("ESTABLISHED")
    if acknowledges:
        peer.assume("ESTABLISHED")
    if acks_syn:
        peer.move(ACK_OF_SYN, time)


def _closes(me: End, time: int, *, acks_fin: bool, peer_closed: bool) -> None:
    if me.state == "CLOSE_WAIT" and not acks_fin and peer_closed:
        me.withdraw("CLOSE_WAIT")
        me.move(CLOSE_CALL, time)
        me.move(FIN_IN, time)
        me.crossed = True
    elif me.state in _CLOSABLE:
        me.move(CLOSE_CALL, time)


def _receives(me: End, peer: End, time: int, *, acks_fin: bool, delivers_fin: bool) -> None:
    if acks_fin and delivers_fin and peer.state == "FIN_WAIT1":
        peer.move(FIN_AND_ACK, time)
        return
    if acks_fin:
        peer.move(ACK_OF_FIN, time)
    # A FIN that comes again finds no edge: its receiver has left the states that wait for one.
    if delivers_fin and me.state != "SYN_SENT":
        peer.move(FIN_IN, time)
