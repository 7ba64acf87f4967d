"""Connections that were opened here and closed first by the other end, so that no TIME_WAIT of this end tells of them.

Where the other end is this host too, its TIME_WAIT are here, and say when and from where. Where it is elsewhere,
counters say how many connections were opened, and what else became of them is subtracted; towards whom is not counted.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lastack.model.address import is_loopback, unmapped
from lastack.model.census import TIME_WAIT_S, endpoint
from lastack.model.change import Change
from lastack.model.destinations import RATE_WINDOW_S
from lastack.model.sample import Cohort
from lastack.model.totals import grouped, holders, place, timeline, total

__all__ = ["AtHome", "Elsewhere", "PeerCloses", "Shown", "peer_closes"]

# What ends a connection without a TIME_WAIT, and is not the peer's close: no connection, a reset, a TIME_WAIT that was
# refused, or that another connect() took over since.
_ENDED_OTHERWISE = ("Tcp.AttemptFails", "Tcp.EstabResets", "TcpExt.TCPTimeWaitOverflow", "TcpExt.TWRecycled")
_OPENED = "Tcp.ActiveOpens"


class AtHome(Struct, frozen=True, kw_only=True):
    """A destination on this very host that closes first.

    Attributes:
        label: ``local > remote:port``, as ``Destination`` has it.
        remote_port: the port connected to.
        closes_per_s: TIME_WAIT entries a second at its end, mean of the last 10 s.
    """

    label: str
    remote_port: int
    closes_per_s: float


class Shown(Struct, frozen=True, kw_only=True):
    """A destination on another host of which some connection shows in one of two samples.

    Attributes:
        label: as above.
        remote_port: as above.
        closing: LAST_ACK that were not repeated, in both samples: the peer closed first, a moment ago.
        processes: ``name/pid`` of the visible holders, most connections first.
    """

    label: str
    remote_port: int
    closing: int
    processes: list[str]


class Elsewhere(Struct, frozen=True, kw_only=True):
    """What became of the connections that were opened between two samples.

    Attributes:
        opened: connections.
        closed_there: of them, those that left nothing here: at least so many.
        held: connections opened here that are open, in that of the samples where they are more.
        shown: the destinations, those caught in closing first.
    """

    opened: int
    closed_there: int
    held: int
    shown: list[Shown]


class PeerCloses(Struct, frozen=True, kw_only=True):
    """Connections opened here that the other end closes first.

    Attributes:
        at_home: destinations on this host, the busiest first.
        elsewhere: towards other hosts; None: not known.
        unseen: why not; empty otherwise.
    """

    at_home: list[AtHome]
    elsewhere: Elsewhere | None
    unseen: str


def peer_closes(
    cohorts: Iterable[Cohort], previous: Iterable[Cohort] | None, change: Change | None, no_change: str
) -> PeerCloses:
    """What the other ends close first.

    Args:
        cohorts: all sockets of the sample.
        previous: those of an earlier sample that compares, or None.
        change: since that sample.
        no_change: why that is None.
    """
    now, before = list(cohorts), list(previous or ())
    unseen = no_change if change is None else _obstacle(now + before, change)
    elsewhere = None if unseen or change is None else _elsewhere(now, before, change)
    return PeerCloses(at_home=_at_home(now), elsewhere=elsewhere, unseen=unseen)


def _obstacle(cohorts: list[Cohort], change: Change) -> str:
    if change.interval_s >= TIME_WAIT_S:
        return f"TIME_WAIT that are over do not show: the samples are {TIME_WAIT_S} s apart, or more"
    if _OPENED not in change.counters:
        return f"this kernel has no {_OPENED.rpartition('.')[2]}"
    if any(cohort.role is None for cohort in cohorts):
        return "the sample does not tell of all sockets which end opened them"
    waiting = [cohort for cohort in cohorts if cohort.state == "TIME_WAIT"]
    return "TIME_WAIT without timers" if waiting and not any(cohort.closes for cohort in waiting) else ""


def _at_home(cohorts: Iterable[Cohort]) -> list[AtHome]:
    closed = grouped(cohorts, lambda one: _home_label(one) if one.state == "TIME_WAIT" else None)
    found = [
        AtHome(
            label=label,
            remote_port=members[0].local_port or 0,
            closes_per_s=sum(timeline(members)[-RATE_WINDOW_S:]) / RATE_WINDOW_S,
        )
        for label, members in closed.items()
    ]
    return sorted(found, key=lambda one: (-one.closes_per_s, one.label))


def _home_label(cohort: Cohort) -> str | None:
    """The destination whose far end this is, if the near end is on this host."""
    if cohort.role != "passive" or not _is_home(cohort):
        return None
    return f"{unmapped(cohort.remote or '')} > {endpoint(unmapped(cohort.local or ''), cohort.local_port)}"


def _is_home(cohort: Cohort) -> bool:
    """Whether both ends are on this host: loopback, or one address."""
    if cohort.local is None or cohort.remote is None:
        return False
    local, remote = unmapped(cohort.local), unmapped(cohort.remote)
    return local == remote or (is_loopback(local) and is_loopback(remote))


def _elsewhere(now: list[Cohort], before: list[Cohort], change: Change) -> Elsewhere:
    opened, held = change.counters[_OPENED], total(filter(_is_held, now))
    held_before = total(filter(_is_held, before))
    # A close of so many whole seconds ago may be of before the interval: rather one too many subtracted.
    seconds = int(change.interval_s) + 1
    closed = [one for one in now if one.state == "TIME_WAIT" and (one.role == "active" or _is_home(one))]
    otherwise = sum(_since(change.counters, name) for name in _ENDED_OTHERWISE)
    gone = opened - (held - held_before) - sum(timeline(closed)[-seconds:]) - otherwise
    return Elsewhere(
        opened=opened,
        closed_there=max(min(gone, opened), 0),
        held=max(held, held_before),
        shown=_shown([one for one in now + before if one.role == "active" and not _is_home(one)]),
    )


def _since(counters: Mapping[str, int], name: str) -> int:
    return counters.get(name, 0)


def _is_held(cohort: Cohort) -> bool:
    return cohort.role == "active" and cohort.state != "TIME_WAIT"


def _shown(cohorts: Iterable[Cohort]) -> list[Shown]:
    found = [
        Shown(
            label=label,
            remote_port=members[0].remote_port or 0,
            closing=sum(one.count - one.retried for one in members if one.state == "LAST_ACK"),
            processes=list(holders(members)),
        )
        for label, members in grouped(cohorts, place).items()
    ]
    return sorted(found, key=lambda one: (-one.closing, one.label))
