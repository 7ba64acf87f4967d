"""Which of very many keys have most sockets: only these become objects of their own.

Half a million clients with a connection each are not rare. To make a cohort of each, and fold all but the thousand
largest again, takes seconds.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from heapq import nlargest
from typing import TypeVar

__all__ = ["largest"]

K = TypeVar("K", bytes, int)


def largest(counted: Iterable[tuple[K, int]], most: int) -> AbstractSet[K]:
    """The keys with most sockets, ``most`` of them or all; of equals, always the same ones."""
    totals: Counter[K] = Counter()
    for key, count in counted:
        totals[key] += count
    if len(totals) <= most:
        return totals.keys()
    return set(nlargest(most, totals, key=lambda key: (totals[key], key)))
