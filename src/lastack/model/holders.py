"""Who holds connections that wait for one side to close.

No timer ends CLOSE_WAIT: only its process can. Nor does one end FIN_WAIT2 whose process holds the socket still
(shutdown() without close()): there the peer must close.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from msgspec import Struct

from lastack.model.sample import Cohort, Silence
from lastack.model.totals import counted, grouped, holders, place, total

__all__ = ["Holder", "State", "held"]

State = Literal["CLOSE_WAIT", "FIN_WAIT2"]


class Holder(Struct, frozen=True, kw_only=True):
    """Connections of one program in one such state.

    Attributes:
        name: its name, all its processes together; None: not visible, or nobody.
        uid: the owner, where only that is visible.
        accepted: False for connections that still wait for accept(), so that nobody holds them.
        count: connections in the state.
        connections: the same holder's connections in the state or ESTABLISHED.
        processes: connections in the state per ``name/pid``, most first.
        places: the same per listener (local end) or destination (``local > remote:port``), most first.
        growth: by how many ``count`` grew since the earlier sample; None without one.
        silent: {at least so many seconds, 0 or a power of two: connections whose peer has been silent for so long, and
            not for twice as long}; None: not visible.
    """

    name: str | None
    uid: int | None
    accepted: bool
    count: int
    connections: int
    processes: dict[str, int]
    places: dict[str, int]
    growth: int | None
    silent: dict[int, int] | None = None

    def silent_for(self, seconds: int) -> int | None:
        """Connections whose peer has been silent for at least so long, a power of two; None: not visible."""
        return None if self.silent is None else sum(count for least, count in self.silent.items() if least >= seconds)


class _Key(NamedTuple):
    name: str | None
    uid: int | None
    accepted: bool


def held(
    state: State,
    cohorts: Iterable[Cohort],
    previous: Iterable[Cohort] | None,
    silences: Iterable[Silence] | None,
) -> list[Holder]:
    """The holders of connections in a state, most first; an orphan in FIN_WAIT2 has none.

    Args:
        state: which one.
        cohorts: the sockets of the sample.
        previous: those of an earlier sample that compares, or None.
        silences: of the sample; None: not visible.
    """

    def waits(cohort: Cohort) -> bool:
        return cohort.state == state and not (cohort.orphan and state == "FIN_WAIT2")

    open_by = grouped((cohort for cohort in cohorts if waits(cohort) or cohort.state == "ESTABLISHED"), _key)
    before = None if previous is None else grouped(filter(waits, previous), _key)
    silent = None if silences is None else _silent(one for one in silences if one.state == state)
    found = []
    for key, members in open_by.items():
        waiting = [cohort for cohort in members if waits(cohort)]
        if waiting:
            growth = None if before is None else total(waiting) - total(before.get(key, ()))
            found.append(_holder(key, waiting, total(members), growth, None if silent is None else silent.get(key)))
    return sorted(found, key=lambda holder: (-holder.count, holder.name or ""))


def _key(cohort: Cohort) -> _Key:
    # Who holds folded sockets, whose addresses are gone too, is not known; others without an owner have none yet.
    return _key_of(cohort.process, cohort.uid, nobody=cohort.uid is None and cohort.local is not None)


def _key_of(process: str | None, uid: int | None, *, nobody: bool) -> _Key:
    if process is not None:
        return _Key(process.rpartition("/")[0] or process, None, accepted=True)
    return _Key(None, uid, accepted=not nobody)


def _silent(silences: Iterable[Silence]) -> dict[_Key, Counter[int]]:
    found: dict[_Key, Counter[int]] = {}
    for one in silences:
        found.setdefault(_key_of(one.process, one.uid, nobody=one.uid is None), Counter()).update(one.seconds)
    return found


def _holder(
    key: _Key, waiting: list[Cohort], connections: int, growth: int | None, silent: Counter[int] | None
) -> Holder:
    return Holder(
        name=key.name,
        uid=key.uid,
        accepted=key.accepted,
        count=total(waiting),
        connections=connections,
        processes=holders(waiting),
        places=counted(waiting, place),
        growth=growth,
        silent=None if silent is None else dict(sorted(silent.items())),
    )
