"""Follows one connection by what its sockets did, and says what became of it: ``Observer``'s twin for a live trace.

The kernel tells of each socket: every change of state, every retransmission, every reset. Where both ends are sockets
of one host, both speak. Like ``Observer``, it looks at the order of events and copies their times, nothing else.
"""

from lastack.tcp.ends import UNSEEN
from lastack.tcp.lifecycle import Flags, Moments, Outcome
from lastack.tcp.resets import cause

__all__ = ["Witness"]

_OPENING = frozenset({"SYN_SENT", "SYN_RECV"})
_CLOSED_FIRST = frozenset({"FIN_WAIT1", "FIN_WAIT2", "CLOSING", "TIME_WAIT"})
_CLOSED_SECOND = frozenset({"CLOSE_WAIT", "LAST_ACK"})
_SENT_FIN = _CLOSED_FIRST | {"LAST_ACK"}
_HAD_FIN = _CLOSED_SECOND | {"CLOSING", "TIME_WAIT"}
_OPEN = frozenset({"ESTABLISHED", "CLOSE_WAIT", *_CLOSED_FIRST, "LAST_ACK"})


class _Socket:
    """One end: its states with their times, and what the kernel told of it besides."""

    __slots__ = ("resets", "syn_acks", "syn_last", "syns", "visits")

    def __init__(self) -> None:
        self.visits: list[tuple[str, int]] = []
        self.syns = self.syn_acks = self.resets = 0
        self.syn_last = UNSEEN

    @property
    def state(self) -> str | None:
        return self.visits[-1][0] if self.visits else None

    def went(self, state: str) -> int:
        """When it entered a state first."""
        return next((time for name, time in self.visits if name == state), UNSEEN)

    def was(self, states: frozenset[str]) -> bool:
        return any(name in states for name, _ in self.visits)


class Witness:
    """One connection. Sides: 0 is the socket that spoke first, 1 the one at its other end, if that is seen at all."""

    def __init__(self) -> None:
        self._sockets = _Socket(), _Socket()
        self._active: int | None = None
        self._crossing = False
        self._first_closer: int | None = None
        self._second_closed_early = self._second_closed_late = False
        self._reset_by: int | None = None
        self._reset = self._end = UNSEEN
        self._reset_cause = ""

    def change(self, side: int, old: str, new: str, time: int) -> None:
        """A socket went from one state to another; names of ``lastack.tcp.states``.

        A socket that is first seen in the middle of its life has been in its old state since before.
        """
        socket = self._sockets[side]
        if not socket.visits and old not in {"CLOSE", "LISTEN", "BOUND_INACTIVE"}:
            socket.visits.append((old, UNSEEN))
            self._note_role(side, old)
        self._note_role(side, new)
        self._note_teardown(side, new)
        socket.visits.append((new, time))
        self._end = time

    def _note_role(self, side: int, state: str) -> None:
        if state == "SYN_SENT":
            self._crossing = self._active == 1 - side
            self._active = side if self._active is None else self._active
        elif state == "SYN_RECV" and self._sockets[side].state == "SYN_SENT":
            self._crossing = True
        elif state == "SYN_RECV" and self._active is None:
            self._active = 1 - side

    def _note_teardown(self, side: int, state: str) -> None:
        peer = self._sockets[1 - side]
        if self._first_closer is None:
            if state == "FIN_WAIT1":
                self._first_closer = side
            elif state in _CLOSED_SECOND:
                self._first_closer = 1 - side
        elif state == "LAST_ACK":
            # Its FIN leaves now. Whether the first closer has had its ACK by now tells three segments from four.
            if peer.state == "FIN_WAIT1":
                self._second_closed_early = True
            elif peer.state == "FIN_WAIT2":
                self._second_closed_late = True

    def retransmit(self, side: int, state: str, time: int) -> None:
        """A socket in this state sent something again."""
        self._end = time
        if state == "SYN_SENT":
            self._sockets[side].syns += 1
            self._sockets[side].syn_last = time
        elif state == "SYN_RECV":
            self._sockets[side].syn_acks += 1

    def synack_retransmit(self, side: int, time: int) -> None:
        """A listener sent a SYN-ACK again; the socket that it will become is on this side."""
        self._end = time
        self._sockets[side].syn_acks += 1
        self._note_role(side, "SYN_RECV")

    def reset_sent(self, side: int, state: str | None, time: int) -> None:
        """A reset left this end. ``state`` is None where no socket was there to send it."""
        self._note_reset(side, state or None, self._sockets[1 - side].state, time)
        self._sockets[side].resets += 1

    def reset_received(self, side: int, state: str, time: int) -> None:
        """A reset came for the socket of this end; it was in this state."""
        self._note_reset(1 - side, self._sockets[1 - side].state, state, time)

    def _note_reset(self, by: int, state: str | None, peer_state: str | None, time: int) -> None:
        self._end = time
        if self._reset_by is not None or self.over:
            return
        self._reset_by, self._reset = by, time
        acknowledged = any(socket.went("ESTABLISHED") != UNSEEN for socket in self._sockets)
        self._reset_cause = cause(state, peer_state, acknowledged=acknowledged)

    @property
    def over(self) -> bool:
        """Every socket that was seen is closed, or waits in TIME_WAIT."""
        states = [socket.state for socket in self._sockets if socket.visits]
        return bool(states) and all(state in {"CLOSE", "TIME_WAIT"} for state in states)

    @property
    def told(self) -> bool:
        """The events say who opened the connection; otherwise the ports must (``lastack.tcp.ports``)."""
        return self._active is not None

    @property
    def flipped(self) -> bool:
        """Side 0 is the responder."""
        return self._active == 1

    def _sides(self, *, flipped: bool | None) -> tuple[_Socket, _Socket]:
        """The originator and the responder."""
        first, second = self._sockets
        return (second, first) if (self.flipped if flipped is None or self.told else flipped) else (first, second)

    def outcome(self, *, flipped: bool | None = None) -> Outcome:
        """What became of the connection so far.

        Args:
            flipped: who is who where ``told`` is False.
        """
        orig, resp = self._sides(flipped=flipped)
        flipped = orig is self._sockets[1]
        names = ("resp", "orig") if flipped else ("orig", "resp")
        waiting = [name for name, end in (("orig", orig), ("resp", resp)) if end.went("TIME_WAIT") != UNSEEN]
        reset_by = "" if self._reset_by is None else names[self._reset_by]
        teardown = self._teardown()
        closer = "" if self._first_closer is None else names[self._first_closer]
        return Outcome(
            conn_state=self._conn_state(orig, resp, reset_by),
            history="",
            flipped=flipped,
            handshake=self._handshake(orig, resp),
            syn_retransmits=orig.syns,
            syn_ack_retransmits=resp.syn_acks,
            teardown=teardown,
            active_closer="both" if teardown == "simultaneous" else closer or reset_by,
            reset_by=reset_by,
            reset_cause=self._reset_cause if reset_by else "",
            time_wait="both" if len(waiting) > 1 else "".join(waiting) or "none",
            orig_states=tuple(state for state, _ in orig.visits),
            resp_states=tuple(state for state, _ in resp.visits),
            orig_flags=_flags(orig),
            resp_flags=_flags(resp),
        )

    def _handshake(self, orig: _Socket, resp: _Socket) -> str:
        if self._crossing:
            return "simultaneous"
        if orig.went("SYN_SENT") == UNSEEN and resp.went("SYN_RECV") == UNSEEN:
            return "none"
        if orig.was(_OPEN) or resp.was(_OPEN | _OPENING):
            return "three-way"
        return "refused" if self._reset_by is not None else "syn-only"

    def _teardown(self) -> str:
        if self._reset_by is not None:
            return "reset"
        if self._first_closer is None:
            return "none"
        first, second = self._sockets[self._first_closer], self._sockets[1 - self._first_closer]
        if "CLOSING" in {state for state, _ in (*first.visits, *second.visits)} or second.went("FIN_WAIT1") != UNSEEN:
            return "simultaneous"
        if self._second_closed_early or self._second_closed_late:
            return "three-segment" if self._second_closed_early else "four-segment"
        answered = second.went("LAST_ACK") != UNSEEN or first.went("TIME_WAIT") != UNSEEN
        return "" if answered else "half-closed"

    def _conn_state(self, orig: _Socket, resp: _Socket, reset_by: str) -> str:
        opened = self._handshake(orig, resp)
        if opened in {"syn-only", "refused"}:
            return "REJ" if opened == "refused" else "S0"
        if reset_by:
            return "RSTO" if reset_by == "orig" else "RSTR"
        if opened == "none":
            return "OTH"
        by_orig = orig.was(_SENT_FIN) or resp.was(_HAD_FIN)
        by_resp = resp.was(_SENT_FIN) or orig.was(_HAD_FIN)
        return {(True, True): "SF", (True, False): "S2", (False, True): "S3"}.get((by_orig, by_resp), "S1")

    def moments(self, *, flipped: bool | None = None) -> Moments:
        """When it happened. What only a segment tells is ``UNSEEN``; ``flipped`` as for ``outcome``."""
        orig, resp = self._sides(flipped=flipped)
        syn = orig.went("SYN_SENT")
        return Moments(
            syn,
            syn if orig.syn_last == UNSEEN else orig.syn_last,
            UNSEEN,
            UNSEEN,
            UNSEEN if syn == UNSEEN else orig.went("ESTABLISHED"),
            self._reset,
            self._end,
            tuple(time for _, time in orig.visits),
            tuple(time for _, time in resp.visits),
        )


def _flags(socket: _Socket) -> Flags:
    return Flags(syn=socket.syns, syn_ack=socket.syn_acks, rst=socket.resets)
