"""Whether the machine has time for an experiment: the share of its processors that others use before it begins."""

import time
from pathlib import Path

from lastack.errors import InputError

__all__ = ["busy_share", "busy_warning"]

_LOOK_S = 0.3
_TOO_BUSY = 0.5
_IDLE = slice(3, 5)  # idle and iowait, proc_stat(5)


def busy_share(before: str, after: str) -> float:
    """The share of processor time that was used between two readings of /proc/stat, 0 to 1.

    Raises:
        InputError: ``malformed-proc-file``.
    """
    first, second = _ticks(before), _ticks(after)
    spent = [late - early for early, late in zip(first, second, strict=True)]
    return 1 - sum(spent[_IDLE]) / sum(spent) if sum(spent) else 0.0


def busy_warning(stat: Path = Path("/proc/stat")) -> list[str]:
    """A warning where more than half of the processors' time is used by others now; nothing otherwise."""
    before = stat.read_text("ascii", "replace")
    time.sleep(_LOOK_S)
    share = busy_share(before, stat.read_text("ascii", "replace"))
    if share <= _TOO_BUSY:
        return []
    warning = (
        f"others used {share:.0%} of this machine's processors before the experiment began: intervals are the wider "
        "for it, and a load may fall short of its rate"
    )
    return [warning]


def _ticks(text: str) -> list[int]:
    """The first line: time in each mode, of all processors."""
    title, *numbers = text.partition("\n")[0].split() or [""]
    if title != "cpu" or not all(number.isdecimal() for number in numbers):
        raise InputError("malformed-proc-file", "/proc/stat, line 1: expected `cpu` and numbers")
    return [int(number) for number in numbers[:8]]  # guest time, after these, is part of user time
