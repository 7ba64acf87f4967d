"""The hub: the last shot, and those who wait for the next one.

A viewer that is slow misses frames; none is kept for it. So viewers cost a reference each, whatever they do.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from lastack.web.frame import Shot

__all__ = ["Hub"]


class Hub:
    """Belongs to one event loop; ``publish`` alone may be called from another thread.

    Args:
        most: streams at a time.
        fresh_s: how old a shot may be for those who ask for one now.

    Attributes:
        streams: how many there are.
        last: the last shot.
        ask: told when somebody wants a new one.
    """

    def __init__(self, most: int, fresh_s: float = 2.0) -> None:
        self.most = most
        self.ask: Callable[[], None] = lambda: None
        self._fresh_s = fresh_s
        self.streams = 0
        self.last: Shot | None = None
        self._last_at = float("-inf")
        self._number = 0
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()

    def open(self) -> None:
        """Belong to the running loop from now on."""
        self._loop = asyncio.get_running_loop()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self._loop = None
        self._news.set()

    def publish(self, shot: Shot) -> None:
        """Tell everybody, from any thread. Before ``open`` and after ``close`` nobody listens."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(self._turn, shot)
        except RuntimeError:  # the loop ended in this very moment
            return

    def _turn(self, shot: Shot) -> None:
        self.last = shot
        self._last_at = time.monotonic()
        self._number += 1
        self._news.set()
        self._news = asyncio.Event()

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place for one more stream; False: there is none left."""
        if self.streams >= self.most:
            yield False
            return
        self.streams += 1
        self.ask()
        try:
            yield True
        finally:
            self.streams -= 1

    async def fresh(self) -> Shot:
        """The last shot, or, where that is too old, the next one."""
        if not self.is_fresh:
            self.ask()
        while self.last is None or not self.is_fresh:
            await self._news.wait()
        return self.last

    @property
    def age_s(self) -> float:
        """Seconds since the last shot."""
        return time.monotonic() - self._last_at

    @property
    def is_fresh(self) -> bool:
        """Whether the last shot will do for those who ask for one now."""
        return self.age_s <= self._fresh_s or self._closed

    async def frames(self) -> AsyncIterator[bytes]:
        """The last frame, and each next one that the viewer is in time for, as events of a stream."""
        seen = 0 if self.is_fresh else self._number
        while not self._closed:
            if self.last is None or self._number == seen:
                await self._news.wait()
                continue
            seen = self._number
            yield b"event: frame\nid: %d\ndata: %b\n\n" % (seen, self.last.document)
