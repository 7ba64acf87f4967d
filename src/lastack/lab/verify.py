"""Whether the kernel shows the census that was asked for."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from lastack.errors import RefusedError
from lastack.kernel.census import take
from lastack.lab.cohorts import Cohort
from lastack.lab.namespace import Namespace
from lastack.model.census import Tally

__all__ = ["Counts", "expected", "seen", "verify"]

Counts = Mapping[tuple[str, str], int]
_SETTLING_S = 2.0
_PAUSE_S = 0.01


def expected(cohorts: Iterable[Cohort]) -> Counts:
    """Sockets per (``IPv4`` or ``IPv6``, state) of these cohorts."""
    counts: Counter[tuple[str, str]] = Counter()
    for cohort in cohorts:
        counts[f"IPv{cohort.family}", cohort.state] += cohort.count
    return +counts


def seen(namespace: Namespace) -> Counts:
    """Sockets per (``IPv4`` or ``IPv6``, state) that the kernel lists."""
    return namespace.call(_count)


def _count() -> Counts:
    tally = Tally(("family",))
    take(tally, timeline=False)
    return {
        (str(group.key[0]), state): count for group in tally.census().groups for state, count in group.states.items()
    }


def verify(namespace: Namespace, wanted: Counts) -> None:
    """Wait, two seconds at most, until the namespace has the wanted census: the last segments are under way.

    Raises:
        RefusedError: ``census-differs``, naming family, state and difference.
    """
    deadline = time.monotonic() + _SETTLING_S
    while (present := seen(namespace)) != wanted:
        if time.monotonic() > deadline:
            raise RefusedError(
                "census-differs", f"the lab's census is not what was asked for: {_gaps(wanted, present)}"
            )
        time.sleep(_PAUSE_S)


def _gaps(wanted: Counts, present: Counts) -> str:
    pairs = {key: (wanted.get(key, 0), present.get(key, 0)) for key in sorted({*wanted, *present})}
    return "; ".join(
        f"{family} {state} is {there:,} instead of {asked:,}"
        for (family, state), (asked, there) in pairs.items()
        if asked != there
    )
