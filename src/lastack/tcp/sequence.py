"""A connection as a teacher draws it: two columns, an arrow a segment, both ends' states beside each."""

from collections.abc import Sequence as Items
from itertools import groupby
from typing import NamedTuple

from lastack.tcp.ends import UNSEEN
from lastack.tcp.lifecycle import Lifecycle
from lastack.tcp.observer import Observer
from lastack.tcp.segment import ACK, FIN, PSH, RST, SYN, Segment

__all__ = ["MSL2_NS", "Arrow", "Row", "Sequence", "Wait", "from_segments", "from_states"]

# TCP_TIMEWAIT_LEN, include/net/tcp.h
MSL2_NS = 60_000_000_000

_CONTROL = SYN | FIN | RST
_NAMES = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (PSH, "PSH"), (ACK, "ACK"))

# More segments in a row that change nothing are drawn as one.
_FEW = 6


class Arrow(NamedTuple):
    """One segment.

    Attributes:
        rightward: from the originator, who stands on the left.
        flags: names of its control bits.
        seq: sequence number, relative to its side's SYN.
        ack: acknowledgment number, relative to the other side's; None without ACK.
        payload: octets of data.
        again: it brings nothing that its side had not sent before.
    """

    rightward: bool
    flags: tuple[str, ...]
    seq: int
    ack: int | None
    payload: int
    again: bool


class Row(NamedTuple):
    """A moment.

    Attributes:
        time: when.
        orig_state: the originator's state after it, "" where nothing is known.
        resp_state: the responder's.
        arrow: the segment that was seen, or None.
        note: what else there is to say.
    """

    time: int
    orig_state: str
    resp_state: str
    arrow: Arrow | None = None
    note: str = ""


class Wait(NamedTuple):
    """A TIME_WAIT: whose ("orig" or "resp"), and from when to when."""

    side: str
    begin: int
    end: int


class Sequence(NamedTuple):
    """What to draw: moments, then who waits."""

    rows: Items[Row]
    waits: Items[Wait]


class _Numbers:
    """Relative numbers of one side, and how far it had sent."""

    def __init__(self) -> None:
        self.base: int | None = None
        self.reached = -1

    def place(self, number: int, base: int) -> int:
        if self.base is None:
            self.base = base
        # 2**31 before the base is as far back as a number can lie.
        return (number - self.base + (1 << 31)) % (1 << 32) - (1 << 31)


def from_segments(segments: Items[Segment], *, flipped: bool) -> Sequence:
    """Draw a connection from its segments; ``flipped`` as for ``Observer``."""
    observer = Observer(flipped=flipped)
    sides = {True: _Numbers(), False: _Numbers()}
    rows = []
    for segment in segments:
        observer.feed(segment)
        rightward = segment.forward != flipped
        arrow = _arrow(segment, sides[rightward], sides[not rightward], rightward=rightward)
        note = "" if segment.intact else "bad checksum"
        note = note if segment.packets == 1 else f"{segment.packets:,} segments"
        rows.append(Row(segment.time, *observer.states, arrow, note))
    moments, outcome = observer.moments(), observer.outcome()
    waits = _waits(("orig", outcome.orig_states, moments.orig), ("resp", outcome.resp_states, moments.resp))
    return Sequence(_without_lulls(rows), waits)


def _arrow(segment: Segment, mine: _Numbers, peer: _Numbers, *, rightward: bool) -> Arrow:
    flags = segment.flags
    seq = mine.place(segment.seq, segment.seq - (not flags & SYN))
    ack = peer.place(segment.ack, segment.ack - 1) if flags & ACK else None
    end = seq + segment.payload + bool(flags & SYN) + bool(flags & FIN)
    again = end <= mine.reached and end > seq and not flags & RST
    mine.reached = max(mine.reached, end)
    return Arrow(rightward, tuple(name for bit, name in _NAMES if flags & bit), seq, ack, segment.payload, again)


def _without_lulls(rows: list[Row]) -> list[Row]:
    """Of many rows on end that change no state, the first and the last."""

    def key(numbered: tuple[int, Row]) -> tuple[str, str, int]:
        number, row = numbered
        plain = row.arrow and not {"SYN", "FIN", "RST"}.intersection(row.arrow.flags)
        return row.orig_state, row.resp_state, -1 if plain else number

    kept: list[Row] = []
    for _, group in groupby(enumerate(rows), key):
        some = [row for _, row in group]
        kept += some if len(some) <= _FEW else [some[0], _lull(some[1:-1]), some[-1]]
    return kept


def _lull(rows: list[Row]) -> Row:
    right, left = (
        sum(row.arrow.payload for row in rows if row.arrow and row.arrow.rightward == rightward)
        for rightward in (True, False)
    )
    return rows[-1]._replace(arrow=None, note=f"more of these: {right:,} octets right, {left:,} left")


def from_states(lifecycle: Lifecycle) -> Sequence:
    """Draw a connection of which no segments are known."""
    outcome, moments = lifecycle.outcome, lifecycle.moments
    ends = ("orig", outcome.orig_states, moments.orig), ("resp", outcome.resp_states, moments.resp)
    changes = sorted(
        (max(time, lifecycle.first), number, side, state)
        for side, states, times in ends
        for number, (state, time) in enumerate(zip(states, times, strict=True))
    )
    now = {"orig": "", "resp": ""}
    rows = []
    for time, _, side, state in changes:
        now[side] = state
        rows.append(Row(time, now["orig"], now["resp"]))
    # What happened at one moment is one row.
    rows = [list(group)[-1] for _, group in groupby(rows, lambda row: row.time)]
    return Sequence(rows, _waits(*ends))


def _waits(*ends: tuple[str, tuple[str, ...], tuple[int, ...]]) -> list[Wait]:
    found = []
    for side, states, times in ends:
        for number, (state, time) in enumerate(zip(states, times, strict=True)):
            if state == "TIME_WAIT" and time != UNSEEN:
                found.append(Wait(side, time, times[number + 1] if number + 1 < len(times) else time + MSL2_NS))
    return found
