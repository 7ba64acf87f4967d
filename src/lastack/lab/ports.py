"""The openers' ports: explicit, for random ones collide and take over each other's TIME_WAIT."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, islice

from lastack.errors import RefusedError
from lastack.lab.cohorts import Cohort

__all__ = ["Ports"]

# ip_local_port_range's default first, so that an opener looks like one whose port the kernel chose.
_POOL = tuple(chain(range(32_768, 61_000), range(61_000, 65_536), range(1024, 32_768)))


class Ports:
    """Hands out each port once per opener's address and target."""

    def __init__(self) -> None:
        self._listening: set[int] = set()
        self._used: defaultdict[tuple[str, str, int], int] = defaultdict(int)

    def spare(self, cohorts: Iterable[Cohort]) -> None:
        """Never hand out a port that one of the cohorts listens on, at either end."""
        for cohort in cohorts:
            last = cohort.port + cohort.count if cohort.state == "LISTEN" else cohort.port + 1
            self._listening.update(range(cohort.port, last))

    def take(self, source: str, target: str, port: int, count: int) -> list[int]:
        """So many ports of ``source`` towards ``target``'s ``port``.

        Raises:
            RefusedError: ``no-more-ports``.
        """
        used = self._used[source, target, port]
        rest = ((at, free) for at, free in enumerate(_POOL[used:], used + 1) if free not in self._listening)
        taken = list(islice(rest, count))
        if len(taken) < count:
            raise RefusedError("no-more-ports", f"{source} has no {count:,} ports left towards {target} port {port}")
        if taken:
            self._used[source, target, port] = taken[-1][0]
        return [free for _, free in taken]
