"""Connections made into bundles: each course that connections took is told to a ``Witness`` once."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.live.gathering import Connections, read
from lastack.live.order import order
from lastack.live.reuse import Reuse
from lastack.live.rows import CHANGE, RESET_RECEIVED, RESET_SENT, RETRANSMIT, SYN_ACK_RETRANSMIT
from lastack.tcp.bundle import Bundle
from lastack.tcp.lifecycle import Moments, Outcome
from lastack.tcp.ports import LISTENED
from lastack.tcp.states import BY_NUMBER
from lastack.tcp.witness import Witness

__all__ = ["Teller"]

_Column = NDArray[Any]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_PORT = np.uint64(0xFFFF)


class _Tale(NamedTuple):
    """What a course comes to; once as told and, where nothing says who opened it, the other way round."""

    outcome: Outcome
    moments: Moments
    flipped: bool | None


class Teller:
    """Tells what became of connections.

    Args:
        reasons: the kernel's words for why a reset was sent, by number.
        label: gives the name of a process by its number; None: what a single connection is told by is not wanted, names
            and whose TIME_WAIT it took over.
        offset: nanoseconds from the events' clock to 1970.
    """

    def __init__(self, reasons: dict[int, str], label: Callable[[int], str] | None, offset: int) -> None:
        self._reasons = reasons
        self._label = label
        self._offset = offset
        self._reuse = Reuse() if label else None
        self._tales: dict[bytes, tuple[_Tale, _Tale]] = {}

    def bundles(self, connections: Connections) -> Iterator[Bundle]:
        """The connections, those with one course together."""
        taken = self._reuse.taken_over(connections) if self._reuse else np.zeros(len(connections.first), np.int64)
        codes, first = connections.code, connections.first
        if not len(first):
            return
        lengths = np.diff(np.append(first, len(codes)))
        for members in _alike(codes, first, lengths, taken):
            begin, length = int(first[members[0]]), int(lengths[members[0]])
            times = connections.time[first[members][:, None] + np.arange(length)] + self._offset
            for bundle in self._bundle(codes[begin : begin + length], members, times, connections):
                yield _taking_over(bundle, int(taken[members[0]]))

    def _bundle(self, course: _Column, members: _Column, times: _Column, connections: Connections) -> Iterator[Bundle]:
        straight, turned = self._tale(course)
        backwards = np.full(len(members), straight.flipped)
        if straight.flipped is None:
            backwards = _listens(connections.local[members]) & ~_listens(connections.remote[members])
        for tale, flipped in ((straight, False), (turned, True)):
            which = backwards == flipped
            if which.any():
                yield self._one(tale, members[which], times[which], connections, flipped=flipped)

    def _one(self, tale: _Tale, members: _Column, times: _Column, connections: Connections, *, flipped: bool) -> Bundle:
        ends = connections.local[members], connections.remote[members]
        processes = [self._labels(pids[members]) for pids in connections.pids] if self._label else [None, None]
        orig, resp = ends[::-1] if flipped else ends
        of_orig, of_resp = processes[::-1] if flipped else processes
        return Bundle(tale.outcome, tale.moments, orig, resp, times, orig_process=of_orig, resp_process=of_resp)

    def _labels(self, pids: _Column) -> list[str | None]:
        label = self._label
        assert label
        known = {pid: label(pid) if pid else None for pid in set(pids.tolist())}
        return [known[pid] for pid in pids.tolist()]

    def _tale(self, course: _Column) -> tuple[_Tale, _Tale]:
        key = course.tobytes()
        if key not in self._tales:
            self._tales[key] = self._tell(course.tolist())
        return self._tales[key]

    def _tell(self, course: list[int]) -> tuple[_Tale, _Tale]:
        witness, reason = Witness(), ""
        arrives = any(read(code)[1] == RESET_RECEIVED for code in course)
        now: list[str | None] = [None, None]
        for time, code in enumerate(course):
            side, kind, old, new = read(code)
            state = now[side]
            if kind == CHANGE:
                witness.change(side, BY_NUMBER.get(old, "CLOSE"), BY_NUMBER.get(new, "CLOSE"), time)
                now[side] = BY_NUMBER.get(new)
            elif kind == RETRANSMIT:
                witness.retransmit(side, BY_NUMBER.get(old, ""), time)
            elif kind == SYN_ACK_RETRANSMIT:
                witness.synack_retransmit(side, time)
            elif kind == RESET_SENT and (state or arrives or not now[1 - side]):
                # One that no socket sends, and that the other end's does not get, is lost on the way.
                witness.reset_sent(side, state, time)
                reason = reason or self._reasons.get(new, "")
            elif kind == RESET_RECEIVED:
                witness.reset_received(side, state or "", time)
        tales = [_told(witness, reason, flipped=flipped) for flipped in (False, True)]
        return tales[0], tales[1]


def _told(witness: Witness, reason: str, *, flipped: bool) -> _Tale:
    outcome = witness.outcome(flipped=flipped)
    return _Tale(
        outcome._replace(reset_reason=reason if outcome.reset_by else ""),
        witness.moments(flipped=flipped),
        witness.flipped if witness.told else None,
    )


def _listens(endpoints: _Column) -> _Column:
    ports = endpoints & _PORT
    mask: _Column = np.isin(ports, list(LISTENED))
    return mask


def _taking_over(bundle: Bundle, side: int) -> Bundle:
    """With whose TIME_WAIT it took over: 1 and 2 for the side seen first and the other one, 0 for nobody's."""
    if not side:
        return bundle
    name = ("orig", "resp")[(side == 2) != bundle.outcome.flipped]
    return bundle._replace(outcome=bundle.outcome._replace(took_over=name))


def _alike(codes: _Column, first: _Column, lengths: _Column, taken: _Column) -> Iterator[_Column]:
    """Numbers of connections that took the same course, and took over the same, group by group."""
    place = np.arange(len(codes)) - np.repeat(first, lengths)
    factors = np.cumprod(np.full(int(lengths.max()) + 1, _FACTOR))
    mixed = np.add.reduceat((codes.astype(np.uint64) + np.uint64(1)) * factors[place], first)
    mixed ^= (lengths + (taken << 32)).astype(np.uint64) * _FACTOR
    sequence = order(mixed)
    cuts = np.flatnonzero(np.diff(mixed[sequence])) + 1
    yield from np.split(sequence, cuts)
