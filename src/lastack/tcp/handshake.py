"""How a connection began: the kind of handshake, and when each of its segments was seen."""

from lastack.tcp.ends import UNSEEN
from lastack.tcp.segment import ACK, RST, SYN

__all__ = ["Handshake"]


class Handshake:
    """The opening of one connection.

    Attributes:
        syn: time of the first SYN.
        syn_last: of the last SYN before an answer.
        syn_ack: of the first SYN-ACK.
        syn_ack_last: of the last SYN-ACK before it was acknowledged.
        ack: of that acknowledgment.
        simultaneous: both sides sent a SYN before they had the other's.
    """

    __slots__ = ("_refused", "ack", "simultaneous", "syn", "syn_ack", "syn_ack_last", "syn_last")

    def __init__(self) -> None:
        self.syn = self.syn_last = self.syn_ack = self.syn_ack_last = self.ack = UNSEEN
        self.simultaneous = self._refused = False

    @property
    def only_syn(self) -> bool:
        """Nothing but the originator's SYN was seen."""
        return self.syn != UNSEEN and self.syn_ack == self.ack == UNSEEN and not (self._refused or self.simultaneous)

    def segment(self, flags: int, time: int, *, by_originator: bool, acks_syn: bool) -> None:
        """Take in a segment's flags, and whether it acknowledges the other side's SYN."""
        if flags & RST:
            self._refused |= self.only_syn and not by_originator
        elif flags & SYN:
            self._open(time, by_originator=by_originator, answers=bool(flags & ACK))
        elif by_originator and acks_syn and self.ack == UNSEEN and (self.syn != UNSEEN or self.syn_ack != UNSEEN):
            self.ack = time

    def _open(self, time: int, *, by_originator: bool, answers: bool) -> None:
        if by_originator and answers:
            # The originator answers a SYN: its own had crossed the other's.
            self.ack = time if self.ack == UNSEEN else self.ack
        elif by_originator:
            self.syn = time if self.syn == UNSEEN else self.syn
            self.syn_last = time if self.syn_ack == UNSEEN else self.syn_last
        elif answers:
            self.syn_ack = time if self.syn_ack == UNSEEN else self.syn_ack
            self.syn_ack_last = time if self.ack == UNSEEN else self.syn_ack_last
        else:
            self.simultaneous = True

    @property
    def kind(self) -> str:
        """three-way, simultaneous, refused, syn-only or none (no SYN was seen)."""
        if self.simultaneous:
            return "simultaneous"
        if self.syn_ack != UNSEEN or self.ack != UNSEEN:
            return "three-way"
        if self.syn == UNSEEN:
            return "none"
        return "refused" if self._refused else "syn-only"
