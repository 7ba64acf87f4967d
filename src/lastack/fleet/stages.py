"""Which hosts a rollout changes together: ``1,10%,100%`` is one, then a tenth of all, then the rest. No I/O."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from lastack.errors import UsageError

__all__ = ["DEFAULT", "stages_of"]

DEFAULT = "1,1%,10%,100%"

_SIZE = re.compile(r"([0-9]{1,6})(%?)")


def stages_of(hosts: Sequence[str], sizes: str) -> list[list[str]]:
    """The hosts in their order, cut up; each size is how many, or which share of all, have been reached by then.

    A size that adds nothing is passed over, and what is left after the last is a stage of its own.

    Raises:
        UsageError: ``bad-stages``.

    >>> stages_of(["a", "b", "c", "d", "e"], "1,50%")
    [['a'], ['b', 'c'], ['d', 'e']]
    """
    ends = [_end(size.strip(), len(hosts)) for size in sizes.split(",")]
    if ends != sorted(ends):
        raise UsageError("bad-stages", f"{sizes!r}: each stage reaches as many hosts as the one before, or more")
    cuts = sorted({0, *ends, len(hosts)})
    return [list(hosts[first:last]) for first, last in pairwise(cuts)]


def _end(size: str, count: int) -> int:
    match = _SIZE.fullmatch(size)
    if not match or int(match[1]) == 0 or (match[2] and int(match[1]) > 100):
        raise UsageError("bad-stages", f"{size!r} is no number of hosts, such as 3, and no share, such as 10%")
    number = math.ceil(count * int(match[1]) / 100) if match[2] else int(match[1])
    return min(number, count)
