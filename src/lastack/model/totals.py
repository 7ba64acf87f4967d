"""Adding cohorts up: per state, per second of the last minute, per holder, per group."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from lastack.errors import InputError
from lastack.model.address import unmapped
from lastack.model.census import TIME_WAIT_S, endpoint
from lastack.model.sample import Cohort

__all__ = ["by_size", "by_state", "counted", "grouped", "holders", "place", "timeline", "total"]

K = TypeVar("K")


def by_size(counts: dict[str, int]) -> dict[str, int]:
    """The same counts, largest first, equal ones by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def total(cohorts: Iterable[Cohort]) -> int:
    """Sockets in all of them."""
    return sum(cohort.count for cohort in cohorts)


def place(cohort: Cohort) -> str:
    """Where a connection belongs: ``local > remote:port`` if it was opened here, else its local end."""
    local = None if cohort.local is None else unmapped(cohort.local)
    if cohort.role != "active":
        return endpoint(local, cohort.local_port)
    remote = None if cohort.remote is None else unmapped(cohort.remote)
    return f"{local or '*'} > {endpoint(remote, cohort.remote_port)}"


def counted(cohorts: Iterable[Cohort], label: Callable[[Cohort], str | None]) -> dict[str, int]:
    """Sockets per label, most first; those without one are left out."""
    groups = grouped(cohorts, label)
    return by_size({name: total(members) for name, members in groups.items()})


def by_state(cohorts: Iterable[Cohort]) -> dict[str, int]:
    """Sockets per state, most first."""
    return counted(cohorts, lambda cohort: cohort.state)


def holders(cohorts: Iterable[Cohort]) -> dict[str, int]:
    """Sockets per visible process (``name/pid``), most first."""
    return counted(cohorts, lambda cohort: cohort.process)


def timeline(cohorts: Iterable[Cohort]) -> list[int]:
    """TIME_WAIT entries a second over the last 60 s, newest last.

    Raises:
        InputError: ``malformed-sample``: a close is dated outside that minute.
    """
    closes = [0] * TIME_WAIT_S
    for cohort in cohorts:
        for age, count in cohort.closes.items():
            if not 0 <= age < TIME_WAIT_S:
                raise InputError("malformed-sample", f"closes has {age} s; expected 0 to {TIME_WAIT_S - 1}")
            closes[TIME_WAIT_S - 1 - age] += count
    return closes


def grouped(cohorts: Iterable[Cohort], key: Callable[[Cohort], K | None]) -> dict[K, list[Cohort]]:
    """The cohorts by their key, in order of appearance; those whose key is None are left out."""
    groups: dict[K, list[Cohort]] = {}
    for cohort in cohorts:
        its = key(cohort)
        if its is not None:
            groups.setdefault(its, []).append(cohort)
    return groups
