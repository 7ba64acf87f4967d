"""The counters that tell what happens to connections.

Not counted anywhere: a connect() that finds no free local port, the highest fill of an accept queue, and incoming
connections that replace a TIME_WAIT. No kernel has a counter TCPOrphanQueued, though pages on the web name it.
"""

from lastack.settings.counters.closing import CLOSING_COUNTERS
from lastack.settings.counters.opening import OPENING_COUNTERS
from lastack.settings.counters.row import Counter
from lastack.settings.counters.waiting import WAITING_COUNTERS

__all__ = ["COUNTERS"]

COUNTERS: dict[str, Counter] = {
    row.name: row for rows in (OPENING_COUNTERS, CLOSING_COUNTERS, WAITING_COUNTERS) for row in rows
}
