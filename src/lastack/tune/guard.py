"""The health guard: reads the namespace's counters before a change and since."""

import time
from collections.abc import Callable

from lastack.kernel.counters import read_counters
from lastack.kernel.namespaces import net_root
from lastack.plan.health import WINDOWS, Health, Reading

__all__ = ["Guard", "observe"]

_LONGEST_WINDOW_S = 1.0


class Guard:
    """A health that is looked at every so often.

    Attributes:
        health: what was normal.
        interval_s: seconds from one look to the next.
    """

    def __init__(self, health: Health, interval_s: float) -> None:
        self.health = health
        self.interval_s = interval_s

    def look(self) -> str:
        """What is clearly worse since the change; empty: nothing. The thread must be in the namespace."""
        return self.health.regression(_read())


def observe(seconds: float, sleep: Callable[[float], None] = time.sleep) -> Guard:
    """Watch what is normal here for that long."""
    windows = max(WINDOWS, round(seconds / _LONGEST_WINDOW_S))
    interval_s = seconds / windows
    readings = [_read()]
    for _ in range(windows):
        sleep(interval_s)
        readings.append(_read())
    return Guard(Health(readings), interval_s)


def _read() -> Reading:
    return Reading(time.monotonic(), read_counters(net_root()))
