"""Where the sockets of each state are: at which listener, towards which destination, held by whom."""

from collections.abc import Iterable

from msgspec import Struct

from lastack.model.sample import Cohort, Role
from lastack.model.totals import grouped, holders, place, total

__all__ = ["MOST", "Place", "Places", "places"]

MOST = 12
_HOLDERS = 3


class Place(Struct, frozen=True, kw_only=True):
    """Sockets of one state at one place.

    Attributes:
        label: the local end of connections that the other side opened, ``local > remote:port`` of those from here.
        role: ``passive``: the other side connected; ``active``: this side; None: not known.
        count: sockets.
        processes: ``name/pid`` of up to three visible holders, most sockets first.
    """

    label: str
    role: Role | None
    count: int
    processes: list[str]


class Places(Struct, frozen=True, kw_only=True):
    """The places of one state.

    Attributes:
        places: the largest, at most ``MOST``.
        others: sockets at all other places.
    """

    places: list[Place]
    others: int


def places(cohorts: Iterable[Cohort]) -> dict[str, Places]:
    """State to its places, the largest first."""
    return {state: _of(members) for state, members in grouped(cohorts, lambda cohort: cohort.state).items()}


def _of(cohorts: list[Cohort]) -> Places:
    found = [
        Place(label=label, role=role, count=total(members), processes=list(holders(members))[:_HOLDERS])
        for (label, role), members in grouped(cohorts, lambda cohort: (place(cohort), cohort.role)).items()
    ]
    found.sort(key=lambda one: (-one.count, one.label))
    return Places(places=found[:MOST], others=sum(one.count for one in found[MOST:]))
