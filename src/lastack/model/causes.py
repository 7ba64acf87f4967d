"""Why the number of sockets in a state changed: parts that add up to the change, each with what witnesses it.

Sockets in a state are their arrivals a second times the seconds that each stays (Little's law), so a change is a change
of arrivals, of the stay, or of both. TIME_WAIT always stays 60 s: what changes is how many connections are closed first
here, and how many of those are refused their TIME_WAIT or taken over early, which the kernel counts. A setting is named
only at a part that its own counter witnesses, or that nothing but the stay explains.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import log, prod, sqrt
from typing import NamedTuple

from msgspec import Struct

from lastack.model.bearing import BEARINGS, Kind
from lastack.model.census import TIME_WAIT_S
from lastack.model.flow import Flow
from lastack.model.noise import CHANCE

__all__ = ["Cause", "causes"]


class Cause(Struct, frozen=True, kw_only=True):
    """A part of the change of a state.

    Attributes:
        state: whose number changed.
        kind: ``load``: more or less data to send; ``connections-reused``: each connection carries more or less of it
            (keep-alive); ``opened``: connections opened, where these two cannot be told apart; ``who-closes``: this
            side closes first more or less often; ``closes``: connections closed first here, where those cannot be
            told; ``refused``: closes that got no TIME_WAIT; ``taken-over``: TIME_WAIT that a connect() took over;
            ``replaced``: TIME_WAIT that the same client's next connection replaced; ``earlier``: sockets of another
            rate, less than a minute ago; ``stay``: each stays longer or shorter.
        sockets: the part, negative where it made the number smaller.
        before: the rate a second; of ``stay`` seconds, of ``connections-reused`` data segments, of ``replaced`` and
            ``earlier`` sockets, of ``who-closes`` the share from 0 to 1.
        after: as ``before``.
        beyond_noise: whether it is more than chance.
        settings: keys that bear on it and differ.
    """

    state: str
    kind: Kind
    sockets: int
    before: float
    after: float
    beyond_noise: bool
    settings: list[str]


class _Part(NamedTuple):
    kind: Kind
    sockets: float
    before: float
    after: float


def causes(
    states: Mapping[str, tuple[int, int]],
    before: Flow,
    after: Flow,
    differing: Mapping[str, tuple[str | None, str | None]],
    spread: float,
) -> list[Cause]:
    """The parts of every state's change, the largest first; those below one socket are left out.

    Args:
        states: sockets before and after.
        before: the rates before.
        after: the rates after.
        differing: the settings that differ, each with its two values.
        spread: variance over mean, as ``noise.deviations`` takes it.
    """
    found = []
    for state, (was, now) in states.items():
        least = CHANCE * sqrt(spread * max(was + now, 1))
        parts = _time_wait(before, after) if state == "TIME_WAIT" else _little(state, was, now, before, after)
        found += [_cause(state, part, least, differing) for part in parts if abs(part.sockets) >= 1]
    return sorted(found, key=lambda cause: -abs(cause.sockets))


def _cause(state: str, part: _Part, least: float, differing: Mapping[str, tuple[str | None, str | None]]) -> Cause:
    bearing = [row for row in BEARINGS if (row.state, row.kind) == (state, part.kind) and row.key in differing]
    return Cause(
        state=state,
        kind=part.kind,
        sockets=round(part.sockets),
        before=part.before,
        after=part.after,
        beyond_noise=abs(part.sockets) > least,
        settings=[row.key for row in bearing if row.explains(part.sockets, differing[row.key])],
    )


def _time_wait(before: Flow, after: Flow) -> Iterator[_Part]:
    was, now = before.refused_per_s or 0.0, after.refused_per_s or 0.0
    yield _Part("refused", TIME_WAIT_S * (was - now), was, now)
    was, now = before.taken_over_per_s or 0.0, after.taken_over_per_s or 0.0
    yield _Part("taken-over", before.taken_over - after.taken_over, was, now)
    yield _Part("replaced", before.replaced - after.replaced, before.replaced, after.replaced)
    yield _Part("earlier", after.leftover - before.leftover, before.leftover, after.leftover)
    for part in _closes(before, after):
        yield part._replace(sockets=part.sockets * TIME_WAIT_S)


def _closes(before: Flow, after: Flow) -> Iterator[_Part]:
    """Closes a second = data sent a second, times connections opened for it, times the share closed first here."""
    was, now = before.closed_per_s, after.closed_per_s
    opened, opens = before.opened_per_s, after.opened_per_s
    if not opened or not opens:
        yield _Part("closes", now - was, was, now)
        return
    shares = _Factor("who-closes", was / opened, now / opens)
    if not before.data_per_s or not after.data_per_s:
        yield from _split([_Factor("opened", opened, opens), shares])
        return
    carried = before.data_per_s / opened, after.data_per_s / opens
    data = _Factor("load", before.data_per_s, after.data_per_s)
    yield from _split([data, _Factor("connections-reused", *carried, divides=True), shares])


def _little(state: str, was: int, now: int, before: Flow, after: Flow) -> Iterator[_Part]:
    """Arrivals times stay. What arrives in a state: connections opened, or closed first here, or by the peer."""
    came, comes = _arrivals(state, before), _arrivals(state, after)
    if state == "LISTEN" or not came or not comes:
        return
    arrivals = _Factor("opened" if state in _OPENING else "closes", came, comes)
    yield from _split([arrivals, _Factor("stay", was / came, now / comes)])


class _Factor(NamedTuple):
    """One of the numbers that a product is made of, or that it is divided by."""

    kind: Kind
    before: float
    after: float
    divides: bool = False

    @property
    def growth(self) -> float:
        """How many times e it grew, zero being next to nothing."""
        grown = log(max(self.after, _NEXT_TO_NOTHING) / max(self.before, _NEXT_TO_NOTHING))
        return -grown if self.divides else grown


_NEXT_TO_NOTHING = 1e-12


def _split(factors: Sequence[_Factor]) -> Iterator[_Part]:
    """The change of a product, as parts of its factors that add up to it: each by the logarithm of its growth.

    (The logarithmic mean Divisia index; Ang, Decomposition analysis for policymaking in energy, 2004.)
    """
    was = prod(1 / one.before if one.divides else one.before for one in factors)
    now = prod(1 / one.after if one.divides else one.after for one in factors)
    growth = sum(one.growth for one in factors)
    mean = (now - was) / growth if abs(growth) > _NEXT_TO_NOTHING else was
    for one in factors:
        yield _Part(one.kind, mean * one.growth, one.before, one.after)


_OPENING = frozenset({"SYN_SENT", "SYN_RECV", "ESTABLISHED"})
_CLOSED_SECOND = frozenset({"CLOSE_WAIT", "LAST_ACK"})


def _arrivals(state: str, flow: Flow) -> float | None:
    if state in _OPENING:
        return flow.opened_per_s
    if state in _CLOSED_SECOND:
        return None if flow.opened_per_s is None else max(flow.opened_per_s - flow.closed_per_s, 0.0)
    return flow.closed_per_s
