"""Follows one connection segment by segment, and says what became of it.

``Observer`` is the model that all captures share: it takes segments in the order in which they were seen and gives an
``Outcome`` and its ``Moments``. It compares flags and sequence numbers and copies times, nothing else; so what it says
of one connection holds for every other whose segments stand in the same relations (``lastack.capture.patterns``).
"""

from typing import NamedTuple

from lastack.tcp.conn_state import CLOSED, ESTABLISHED, INACTIVE, PARTIAL, RESET, Side, conn_state, observe
from lastack.tcp.ends import UNSEEN, End, Proof, follow
from lastack.tcp.handshake import Handshake
from lastack.tcp.history import History
from lastack.tcp.lifecycle import Flags, Moments, Outcome
from lastack.tcp.resets import cause
from lastack.tcp.segment import ACK, FIN, RST, SYN, Segment
from lastack.tcp.stream import Stream
from lastack.tcp.teardown import Teardown

__all__ = ["Observer", "Sent"]

# A SYN or RST this far from the data before it says nothing about how far its sender was.
_FAR = 1 << 20


class Sent(NamedTuple):
    """How far a side is.

    Attributes:
        following: its next sequence number; None: it was not heard yet.
        fin: it has sent one.
    """

    following: int | None = None
    fin: bool = False


class _Party:
    """One side: what was seen of it, its stream, its TCP state, its segments counted.

    Attributes:
        closed: its FIN has come with all data before it, or it has sent a reset.
    """

    __slots__ = ("closed", "end", "fins", "orig", "resets", "side", "spoke", "stream", "syn_acks", "syns")

    def __init__(self, *, orig: bool) -> None:
        self.orig = orig
        self.side, self.stream, self.end = Side(), Stream(), End()
        self.syns = self.syn_acks = self.fins = self.resets = 0
        self.spoke = self.closed = False

    def count(self, flags: int) -> None:
        self.syns += flags & (SYN | ACK) == SYN
        self.syn_acks += flags & (SYN | ACK) == SYN | ACK
        self.fins += bool(flags & FIN)
        self.resets += bool(flags & RST)

    def locate(self, segment: Segment) -> int:
        """Where the segment begins in the stream; the first one, and a SYN with another number, begin the stream."""
        opens = bool(segment.flags & SYN)
        if not self.spoke:
            length = segment.payload * (not segment.flags & RST) + bool(segment.flags & FIN)
            self.stream.begin((segment.seq - (not opens)) % (1 << 32), 1 + length if opens else 1)
            self.spoke = True
        elif opens and (
            self.side.state in {ESTABLISHED, PARTIAL}
            or (not self.stream.is_base(segment.seq) and self.side.state not in {CLOSED, RESET})
        ):
            self.stream.begin(segment.seq, 1 + segment.payload)
        return self.stream.place(segment.seq)

    def extend(self, segment: Segment, place: int) -> bool:
        """Note how far the segment reaches. False where it brings data but nothing new."""
        flags, stream = segment.flags, self.stream
        data = 0 if flags & RST else segment.payload
        end = place + data + bool(flags & SYN) + bool(flags & FIN)
        if flags & FIN:
            stream.fin = end
        if flags & (SYN | RST) and abs(end - stream.seen) > _FAR:
            return True
        if flags & FIN and stream.seen == 1:
            # Of more than 2 GB nothing but SYN and FIN may have been seen.
            stream.seen = end % (1 << 32)
        elif self.side.state == RESET:
            return True
        elif end > stream.seen:
            stream.seen = end
        else:
            return not segment.payload
        return True


class Observer:
    """One connection.

    Args:
        flipped: the side that sends the first segment is the responder. A SYN-ACK gives that away; for a connection
            seen from the middle on, the port numbers may (``lastack.tcp.ports``).
    """

    def __init__(self, *, flipped: bool = False) -> None:
        self._flipped = flipped
        self._orig, self._resp = _Party(orig=True), _Party(orig=False)
        self._history = History(flipped=flipped)
        self._handshake, self._teardown = Handshake(), Teardown()
        self._partial = False
        self._end = self._reset = UNSEEN
        self._reset_by = self._reset_cause = ""

    @property
    def states(self) -> tuple[str, str]:
        """TCP's state now at the originator and at the responder, "" where nothing is known."""
        return self._orig.end.state or "", self._resp.end.state or ""

    @property
    def octets(self) -> tuple[int, int]:
        """Data sent by the originator and by the responder."""
        return self._orig.stream.size, self._resp.stream.size

    @property
    def sent(self) -> tuple[Sent, Sent]:
        """What the side that sent the first segment has sent so far, and the other."""
        orig, resp = (
            Sent(party.stream.following if party.spoke else None, party.fins > 0) for party in (self._orig, self._resp)
        )
        return (resp, orig) if self._flipped else (orig, resp)

    @property
    def over(self) -> bool:
        """Both sides have closed, by FIN or reset."""
        return self._orig.closed and self._resp.closed

    @property
    def finished(self) -> bool:
        """Both sides have closed, or one has reset the connection: what comes much later belongs to another."""
        return self.over or bool(self._reset_by)

    def begins_another(self, segment: Segment) -> bool:
        """Whether this segment opens a new connection between the same ports.

        A SYN does, unless it repeats this connection's own, crosses it (a simultaneous open), or comes after its
        SYN-ACK. Where only the responder was heard, so does a SYN-ACK with another number.
        """
        if not segment.flags & SYN or not segment.intact:
            return False
        orig, resp = self._orig, self._resp
        if not (orig.spoke or resp.spoke):
            return False
        if segment.flags & ACK:
            return orig.side.state == INACTIVE and (self.over or not resp.stream.is_base(segment.seq))
        if self.over:
            return True
        if segment.forward == self._flipped and (self._handshake.only_syn or self._handshake.simultaneous):
            return False
        return not orig.stream.is_base(segment.seq)

    def feed(self, segment: Segment) -> None:
        """Take in the next segment."""
        by_originator = segment.forward != self._flipped
        me, peer = (self._orig, self._resp) if by_originator else (self._resp, self._orig)
        if not segment.intact:
            self._history.count("C", by_originator=by_originator)
            return
        flags = segment.flags
        first = not me.spoke
        place = me.locate(segment)
        self._describe(me, peer, segment, place)
        if not self.over:
            self._end = segment.time
        me.count(flags)
        acked = self._acknowledged(peer, segment) if flags & ACK else None
        if not me.extend(segment, place):
            self._history.count("T", by_originator=by_originator)
        if first:
            self._note_partial(me, peer, flags)
        observe(me.side, peer.side, flags, payload=segment.payload, by_originator=by_originator)
        if acked is not None:
            self._miss(me, peer, acked)
        if segment.payload and place >= 0 and not flags & RST:
            begin = place + bool(flags & SYN)
            me.stream.fill(begin, begin + segment.payload)
        self._conclude(me, peer, segment, acked)

    def _describe(self, me: _Party, peer: _Party, segment: Segment, place: int) -> None:
        flags = segment.flags
        self._history.segment(flags, place, segment.payload, by_originator=me.orig)
        if segment.zero_window and not flags & RST and peer.side.state != CLOSED and me.side.state != RESET:
            self._history.count("W", by_originator=me.orig)

    def _acknowledged(self, peer: _Party, segment: Segment) -> int | None:
        """The place in the peer's stream; a peer that was not heard yet is taken to have sent all before it."""
        if peer.side.state == INACTIVE:
            if not peer.spoke:
                peer.stream.begin((segment.ack - 1) % (1 << 32), 0)
            return 1
        if segment.flags & RST:
            return None
        return peer.stream.acknowledge(segment.ack)

    def _note_partial(self, me: _Party, peer: _Party, flags: int) -> None:
        """A connection without its SYNs: what was missed before the first segment is no gap."""
        if me.orig:
            self._partial = flags & (SYN | ACK) != SYN and not (flags & ACK and peer.side.state == ESTABLISHED)
        elif not self._partial:
            self._partial = not flags & SYN

    def _miss(self, me: _Party, peer: _Party, acked: int) -> None:
        """Count the holes in the peer's data that this acknowledgment shows to be lost for the observer only."""
        fin = peer.stream.fin
        upto = acked if fin is None else min(acked, fin - 1)
        if upto <= peer.stream.delivered or (upto <= 2 and self._partial):
            return
        holes = peer.stream.give_up(upto)
        if me.side.clean and peer.side.clean:
            self._history.count("G", holes, by_originator=peer.orig)

    def _conclude(self, me: _Party, peer: _Party, segment: Segment, acked: int | None) -> None:
        """Take the segment into the handshake, the teardown and TCP's states at both ends."""
        flags, time, fin = segment.flags, segment.time, peer.stream.fin
        acks_syn = acked is not None and acked >= 1
        acks_fin = acked is not None and fin is not None and acked >= fin
        self._handshake.segment(flags, time, by_originator=me.orig, acks_syn=acks_syn)
        self._teardown.segment(flags, segment.payload, by_originator=me.orig, acks_fin=acks_fin)
        if flags & RST and not self._reset_by and not self.over:
            self._note_reset(me, peer, time)
        if acks_fin and not peer.closed:
            # It came to its receiver by a way that the observer did not see.
            peer.closed = True
            me.end.receive_fin(time)
        delivers = not me.closed and me.stream.fin is not None and me.stream.delivered >= me.stream.fin - 1
        follow(me.end, peer.end, flags, time, Proof(acks_syn, acks_fin, delivers))
        me.closed = me.closed or delivers or bool(flags & RST)

    def _note_reset(self, me: _Party, peer: _Party, time: int) -> None:
        self._reset, self._reset_by = time, "orig" if me.orig else "resp"
        acknowledged = self._handshake.ack != UNSEEN
        self._reset_cause = cause(me.end.state, peer.end.state, acknowledged=acknowledged)

    def outcome(self) -> Outcome:
        """What became of the connection so far."""
        orig, resp = self._orig, self._resp
        reset_by = self._reset_by if RESET in {orig.side.state, resp.side.state} else ""
        waiting = [name for name, party in (("orig", orig), ("resp", resp)) if party.end.state == "TIME_WAIT"]
        letters = self._history.letters
        return Outcome(
            conn_state=conn_state(orig.side, resp.side, letters, empty=self.octets == (0, 0)),
            history=letters,
            flipped=self._flipped,
            handshake=self._handshake.kind,
            syn_retransmits=max(orig.syns - 1, 0),
            syn_ack_retransmits=max(resp.syn_acks - 1, 0),
            teardown="reset" if reset_by else self._teardown.kind,
            active_closer=self._teardown.first or reset_by,
            reset_by=reset_by,
            reset_cause=self._reset_cause if reset_by else "",
            time_wait="both" if len(waiting) > 1 else "".join(waiting) or "none",
            orig_states=tuple(state for state, _ in orig.end.visits),
            resp_states=tuple(state for state, _ in resp.end.visits),
            orig_flags=Flags(orig.syns, orig.syn_acks, orig.fins, orig.resets),
            resp_flags=Flags(resp.syns, resp.syn_acks, resp.fins, resp.resets),
        )

    def moments(self) -> Moments:
        """When it happened."""
        handshake = self._handshake
        return Moments(
            handshake.syn,
            handshake.syn_last,
            handshake.syn_ack,
            handshake.syn_ack_last,
            handshake.ack,
            self._reset if self._reset_by else UNSEEN,
            self._end,
            tuple(time for _, time in self._orig.end.visits),
            tuple(time for _, time in self._resp.end.visits),
        )
