"""Connections that get no answer: their peer is silent, or has no room."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from msgspec import Struct

from lastack.model.sample import Cohort
from lastack.model.totals import by_size, grouped, place, total

__all__ = ["CLOSING", "OPEN", "Stuck", "stuck"]

# This side has sent its FIN, and the peer must acknowledge it.
CLOSING = frozenset({"FIN_WAIT1", "CLOSING", "LAST_ACK"})
# This side may send still.
OPEN = frozenset({"ESTABLISHED", "CLOSE_WAIT"})


class Stuck(Struct, frozen=True, kw_only=True):
    """Connections in some states.

    Attributes:
        count: all of them.
        orphans: of them, those that no process holds.
        retried: those whose last segment is being sent again for want of an answer.
        probed: those whose peer has no room for more data.
        retried_at: the retried per listener (local end) or destination (``local > remote:port``), most first.
        probed_at: the probed, likewise.
        retried_by_state: the retried per state, most first.
        retried_before: the retried of the earlier sample; None without one.
    """

    count: int
    orphans: int
    retried: int
    probed: int
    retried_at: dict[str, int]
    probed_at: dict[str, int]
    retried_by_state: dict[str, int]
    retried_before: int | None


def stuck(states: AbstractSet[str], cohorts: Iterable[Cohort], previous: Iterable[Cohort] | None) -> Stuck:
    """The connections in these states. ``previous``: the sockets of an earlier sample that compares, or None."""
    members = [cohort for cohort in cohorts if cohort.state in states]
    before = None if previous is None else [cohort for cohort in previous if cohort.state in states]
    by_place = grouped(members, place)
    by_state = grouped(members, lambda cohort: cohort.state)
    return Stuck(
        count=total(members),
        orphans=total(cohort for cohort in members if cohort.orphan),
        retried=_retried(members),
        probed=_probed(members),
        retried_at=_some({where: _retried(those) for where, those in by_place.items()}),
        probed_at=_some({where: _probed(those) for where, those in by_place.items()}),
        retried_by_state=_some({state: _retried(those) for state, those in by_state.items()}),
        retried_before=None if before is None else _retried(before),
    )


def _retried(cohorts: Iterable[Cohort]) -> int:
    return sum(cohort.retried for cohort in cohorts)


def _probed(cohorts: Iterable[Cohort]) -> int:
    return sum(cohort.probed for cohort in cohorts)


def _some(counts: dict[str, int]) -> dict[str, int]:
    return by_size({name: count for name, count in counts.items() if count})
