"""Why the number of sockets in a state changed: parts that add up to the change, each with what witnesses it.

Sockets in a state are their arrivals a second times the seconds that each stays (Little's law), so a change is a change
of arrivals, of the stay, or of both. TIME_WAIT always stays 60 s: what changes is how many connections are closed first
here, and how many of those are refused their TIME_WAIT or taken over early, which the kernel counts. A setting is named
only at a part that its own counter witnesses, or that nothing but the stay explains.
"""

from collections.abc import Iterator, Mapping
from math import inf, sqrt
from typing import Literal, NamedTuple

from msgspec import Struct

from lastack.model.census import TIME_WAIT_S
from lastack.model.flow import Flow
from lastack.model.noise import CHANCE

__all__ = ["BEARINGS", "Bearing", "Cause", "Kind", "causes"]

Kind = Literal[
    "load",
    "connections-reused",
    "opened",
    "who-closes",
    "closes",
    "refused",
    "taken-over",
    "replaced",
    "earlier",
    "stay",
]


class Bearing(NamedTuple):
    """A setting that bears on a part of a state's number.

    Attributes:
        state: the state.
        kind: the part: one that a counter witnesses, or the stay, which none does.
        key: the setting.
        lowers: whether only a lower value makes the number smaller, and a higher one larger.
    """

    state: str
    kind: Kind
    key: str
    lowers: bool = True

    def explains(self, sockets: float, values: tuple[str | None, str | None]) -> bool:
        """Whether so many sockets more or less are what the change of its value would make."""
        was, now = map(_number, values)
        return not self.lowers or was is None or now is None or (now > was) == (sockets > 0)


def _number(value: str | None) -> float | None:
    """A setting's number, a negative one being no limit; None where it has none or several."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return inf if number < 0 else number


BEARINGS = (
    Bearing("TIME_WAIT", "refused", "net.ipv4.tcp_max_tw_buckets"),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.tcp_tw_reuse", lowers=False),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.tcp_tw_reuse_delay"),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.tcp_timestamps", lowers=False),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.ip_local_port_range", lowers=False),
    Bearing("FIN_WAIT2", "stay", "net.ipv4.tcp_fin_timeout"),
    Bearing("FIN_WAIT1", "stay", "net.ipv4.tcp_orphan_retries", lowers=False),  # 0 acts as 8
    Bearing("CLOSING", "stay", "net.ipv4.tcp_orphan_retries", lowers=False),
    Bearing("LAST_ACK", "stay", "net.ipv4.tcp_orphan_retries", lowers=False),
    Bearing("SYN_RECV", "stay", "net.ipv4.tcp_synack_retries"),
    Bearing("SYN_RECV", "stay", "net.ipv4.tcp_syncookies", lowers=False),
    Bearing("SYN_SENT", "stay", "net.ipv4.tcp_syn_retries"),
)


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
    """The change of closes a second = of connections opened, times the share of them that is closed first here."""
    was, now = before.closed_per_s, after.closed_per_s
    if not before.opened_per_s or not after.opened_per_s:
        yield _Part("closes", now - was, was, now)
        return
    shares = was / before.opened_per_s, now / after.opened_per_s
    for part in _opened(before, after):
        yield part._replace(sockets=part.sockets * sum(shares) / 2)
    opened = (before.opened_per_s + after.opened_per_s) / 2
    yield _Part("who-closes", (shares[1] - shares[0]) * opened, *shares)


def _opened(before: Flow, after: Flow) -> Iterator[_Part]:
    """The change of connections opened a second = of work done, times the connections that are opened for it."""
    was, now = before.opened_per_s or 0.0, after.opened_per_s or 0.0
    if not was or not now or not before.data_per_s or not after.data_per_s:
        yield _Part("opened", now - was, was, now)
        return
    each = was / before.data_per_s, now / after.data_per_s
    work = before.data_per_s, after.data_per_s
    yield _Part("load", (work[1] - work[0]) * sum(each) / 2, *work)
    yield _Part("connections-reused", (each[1] - each[0]) * sum(work) / 2, 1 / each[0], 1 / each[1])


def _little(state: str, was: int, now: int, before: Flow, after: Flow) -> Iterator[_Part]:
    """Arrivals times stay. What arrives in a state: connections opened, or closed first here, or by the peer."""
    came, comes = _arrivals(state, before), _arrivals(state, after)
    if state == "LISTEN" or not came or not comes:
        return
    stayed, stay = was / came, now / comes
    kind: Kind = "opened" if state in _OPENING else "closes"
    yield _Part(kind, (comes - came) * (stayed + stay) / 2, came, comes)
    yield _Part("stay", (stay - stayed) * (came + comes) / 2, stayed, stay)


_OPENING = frozenset({"SYN_SENT", "SYN_RECV", "ESTABLISHED"})
_CLOSED_SECOND = frozenset({"CLOSE_WAIT", "LAST_ACK"})


def _arrivals(state: str, flow: Flow) -> float | None:
    if state in _OPENING:
        return flow.opened_per_s
    if state in _CLOSED_SECOND:
        return None if flow.opened_per_s is None else max(flow.opened_per_s - flow.closed_per_s, 0.0)
    return flow.closed_per_s
