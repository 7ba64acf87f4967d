"""The recount of now, for everybody who asks within a second: so many may ask, the kernel is walked once."""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from lastack.kernel.recount import read_recount
from lastack.metrics.family import Cost
from lastack.model.recount import Recount

__all__ = ["GOOD_FOR_S", "Recounted", "Recounts"]

GOOD_FOR_S = 1.0


class Recounted(NamedTuple):
    """A recount, and what it took."""

    recount: Recount
    cost: Cost


class Recounts:
    """Belongs to one event loop.

    Args:
        read: reads a recount, in a thread of its own.
        clock: seconds that never go back.
    """

    def __init__(self, read: Callable[[], Recount] = read_recount, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._last: Recounted | None = None
        self._last_at = float("-inf")

    async def now(self) -> Recounted:
        """The last one, or where that is a second old, a new one.

        Raises:
            LastackError: what reading raises.
        """
        async with self._one_at_a_time:
            if self._last is None or self._clock() - self._last_at >= GOOD_FOR_S:
                self._last = await asyncio.to_thread(self._counted)
                self._last_at = self._clock()
            return self._last

    def _counted(self) -> Recounted:
        begun, cpu = time.perf_counter(), time.thread_time()
        recount = self._read()
        return Recounted(recount, Cost(time.perf_counter() - begun, time.thread_time() - cpu))
