"""Who holds connections that the peer has closed already. No timer ends CLOSE_WAIT: only its process can."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from lastack.model.sample import Cohort
from lastack.model.totals import counted, grouped, holders, place, total

__all__ = ["Holder", "close_wait"]


class Holder(Struct, frozen=True, kw_only=True):
    """CLOSE_WAIT connections of one program.

    Attributes:
        name: its name, all its processes together; None: not visible, or nobody.
        uid: the owner, where only that is visible.
        accepted: False for connections that still wait for accept(), so that nobody holds them.
        count: connections in CLOSE_WAIT.
        connections: the same holder's connections in CLOSE_WAIT or ESTABLISHED.
        processes: CLOSE_WAIT per ``name/pid``, most first.
        places: CLOSE_WAIT per listener (local end) or destination (``local > remote:port``), most first.
        growth: by how many ``count`` grew since the earlier sample; None without one.
    """

    name: str | None
    uid: int | None
    accepted: bool
    count: int
    connections: int
    processes: dict[str, int]
    places: dict[str, int]
    growth: int | None


class _Key(NamedTuple):
    name: str | None
    uid: int | None
    accepted: bool


def close_wait(cohorts: Iterable[Cohort], previous: Iterable[Cohort] | None) -> list[Holder]:
    """The holders of CLOSE_WAIT, most first. ``previous``: the sockets of an earlier sample that compares, or None."""
    open_by = grouped((cohort for cohort in cohorts if cohort.state in {"CLOSE_WAIT", "ESTABLISHED"}), _key)
    before = None if previous is None else grouped(filter(_waits, previous), _key)
    found = []
    for key, members in open_by.items():
        waiting = [cohort for cohort in members if _waits(cohort)]
        if waiting:
            growth = None if before is None else total(waiting) - total(before.get(key, ()))
            found.append(_holder(key, waiting, total(members), growth))
    return sorted(found, key=lambda holder: (-holder.count, holder.name or ""))


def _waits(cohort: Cohort) -> bool:
    return cohort.state == "CLOSE_WAIT"


def _key(cohort: Cohort) -> _Key:
    if cohort.process is not None:
        return _Key(cohort.process.rpartition("/")[0] or cohort.process, None, accepted=True)
    # Who holds folded sockets, whose addresses are gone too, is not known; others without an owner have none yet.
    return _Key(None, cohort.uid, accepted=cohort.uid is not None or cohort.local is None)


def _holder(key: _Key, waiting: list[Cohort], connections: int, growth: int | None) -> Holder:
    return Holder(
        name=key.name,
        uid=key.uid,
        accepted=key.accepted,
        count=total(waiting),
        connections=connections,
        processes=holders(waiting),
        places=counted(waiting, place),
        growth=growth,
    )
