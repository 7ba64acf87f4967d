"""What a scrape of /metrics is of: a new look where that takes little; else the last one, renewed by a recount.

To tell half a million sockets apart takes five times as long as to count them. So looks that nobody but scrapes ask for
are so far apart that they take a small part of a core, and those that take long are not waited for. What is counted is
of the scrape itself always; how old the rest is, a metric says.
"""

from collections.abc import Awaitable, Callable

from lastack.metrics.exposition import render
from lastack.metrics.family import Detail
from lastack.model.recount import renewed
from lastack.web.frame import Shot
from lastack.web.hub import Hub
from lastack.web.recounts import Recounts

__all__ = ["PROMPT_S", "SHARE", "Scrapes"]

SHARE = 200  # a look for scrapes alone is followed by at least so many times the CPU time that it took
PROMPT_S = 0.1  # a look that took no longer is waited for


class Scrapes:
    """Belongs to one event loop.

    Args:
        hub: has the last look, and is asked for new ones.
        fresh: waits for one; None: nothing can be seen.
        recounts: for what is to be of now.
    """

    def __init__(self, hub: Hub, fresh: Callable[[], Awaitable[Shot | None]], recounts: Recounts) -> None:
        self._hub = hub
        self._fresh = fresh
        self._recounts = recounts

    async def exposition(self, accept: str) -> tuple[bytes, str] | None:
        """The metrics of now, and their content type; None: nothing can be seen.

        Args:
            accept: the request's Accept header.

        Raises:
            LastackError: the kernel cannot be read.
        """
        last = self._hub.last
        if last is None or self._is_worth_waiting(last):
            shot = await self._fresh()
            return shot and render(shot.model, shot.diagnosis, cost=shot.cost, accept=accept)
        recount, cost = await self._recounts.now()
        detail = Detail(self._hub.age_s, last.cost)
        return render(renewed(last.model, recount), last.diagnosis, cost=cost, detail=detail, accept=accept)

    def _is_worth_waiting(self, last: Shot) -> bool:
        if self._hub.is_fresh:
            return True
        is_due = self._hub.age_s >= SHARE * last.cost.cpu_s
        if is_due:
            self._hub.ask()
        return is_due and last.cost.duration_s <= PROMPT_S
