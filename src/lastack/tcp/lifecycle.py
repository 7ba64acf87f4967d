"""What became of a connection: the result of following it, live or in a capture.

What a live trace cannot see is unknown there: ``history`` is "", so is a ``teardown`` whose segments nobody counted.
"""

from typing import NamedTuple

from lastack.tcp.ends import UNSEEN

__all__ = ["Flags", "Lifecycle", "Moments", "Outcome", "Tally", "handshake_time", "round_trip"]


class Flags(NamedTuple):
    """How many segments of one side had which control bits; ``ack`` has no other, ``syn`` no ACK."""

    syn: int = 0
    syn_ack: int = 0
    fin: int = 0
    rst: int = 0


class Outcome(NamedTuple):
    """Everything about a connection that is no amount and no time. Sides are ``orig`` and ``resp``.

    Attributes:
        conn_state: Zeek's word, ``lastack.tcp.conn_state``.
        history: Zeek's letters, ``lastack.tcp.history``.
        flipped: the originator is the side that did not send the first segment seen.
        handshake: three-way, simultaneous, syn-only, refused or none.
        syn_retransmits: how often the originator sent its SYN again.
        syn_ack_retransmits: how often the responder sent its SYN-ACK again.
        teardown: four-segment, three-segment, simultaneous, half-closed, reset or none.
        active_closer: who closed first: orig, resp, both or nobody ("").
        reset_by: who sent the reset that ended it, or nobody ("").
        reset_cause: why, as far as the segments tell; a key of ``lastack.tcp.resets.CAUSES``, or "".
        time_wait: who is left in TIME_WAIT: orig, resp, both or none.
        orig_states: the states that the originator went through, in order.
        resp_states: the responder's.
        orig_flags: the originator's control bits.
        resp_flags: the responder's.
        reset_reason: the kernel's own word for why, where it gave one.
        took_over: whose TIME_WAIT, left by the connection before between these ends, it took over: orig, resp or "".
    """

    conn_state: str
    history: str
    flipped: bool
    handshake: str
    syn_retransmits: int
    syn_ack_retransmits: int
    teardown: str
    active_closer: str
    reset_by: str
    reset_cause: str
    time_wait: str
    orig_states: tuple[str, ...]
    resp_states: tuple[str, ...]
    orig_flags: Flags
    resp_flags: Flags
    reset_reason: str = ""
    took_over: str = ""


class Moments(NamedTuple):
    """When things happened, in the unit of the segments' times; ``UNSEEN`` where they did not.

    Attributes:
        syn: the first SYN.
        syn_last: the last SYN before its answer.
        syn_ack: the first SYN-ACK.
        syn_ack_last: the last SYN-ACK before the acknowledgment.
        ack: the acknowledgment that ends the handshake.
        reset: the reset that ended the connection.
        end: the last segment before both sides had closed (Zeek's duration ends here).
        orig: when the originator entered each of its states.
        resp: when the responder did.
    """

    syn: int
    syn_last: int
    syn_ack: int
    syn_ack_last: int
    ack: int
    reset: int
    end: int
    orig: tuple[int, ...]
    resp: tuple[int, ...]


class Tally(NamedTuple):
    """What one side sent.

    Attributes:
        packets: segments.
        octets: data, by sequence numbers: retransmissions count once, what was missed counts too.
        psh: segments with PSH, SYNs apart.
        ack: segments with ACK and no other of SYN, FIN, RST and PSH.
    """

    packets: int = 0
    octets: int = 0
    psh: int = 0
    ack: int = 0


class Lifecycle(NamedTuple):
    """One connection.

    Attributes:
        orig: address (4 or 16 octets) and port of the side that opened it.
        resp: those of the other side.
        first: time of the first segment.
        last: time of the last.
        outcome: what became of it.
        moments: when.
        orig_sent: what the originator sent; None where segments were not counted.
        resp_sent: what the responder sent.
        orig_process: the program that held the originator's socket, as far as it was seen.
        resp_process: the one that held the responder's.
    """

    orig: tuple[bytes, int]
    resp: tuple[bytes, int]
    first: int
    last: int
    outcome: Outcome
    moments: Moments
    orig_sent: Tally | None = None
    resp_sent: Tally | None = None
    orig_process: str | None = None
    resp_process: str | None = None


def handshake_time(moments: Moments) -> int | None:
    """From the first SYN to the end of the handshake: what the client's program waited."""
    return None if UNSEEN in (moments.syn, moments.ack) else moments.ack - moments.syn


def round_trip(moments: Moments) -> int | None:
    """The handshake without its retransmission timeouts: to the server and back, to the client and back."""
    syn, answer, answer_last, ack = moments[1:5]
    if UNSEEN in (syn, ack):
        return None
    return ack - syn if answer == UNSEEN else (answer - syn) + (ack - answer_last)
