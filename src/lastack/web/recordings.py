"""What the page shows out of a store: history, and one moment against another.

One thread has the store open, from before root was given up; everybody's questions are put to it one after another.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import to_builtins

from lastack.cli.compare_report import reasons, verdict
from lastack.cli.recorded import moment_of
from lastack.cli.when import moment, now
from lastack.errors import RefusedError
from lastack.model.compare import compare
from lastack.model.flow import Moment
from lastack.store.reader import Bucket, Reader
from lastack.tcp.states import NAMES

__all__ = ["SPANS", "Recordings", "history"]

SPANS = (3600, 86_400, 604_800)
_STRETCHES = 300
_MOST_WAITING = 8

T = TypeVar("T")


class Recordings:
    """A store, open for reading.

    Raises:
        InputError: ``no-such-store``, ``not-a-store``, ``store-too-new``, ``store-damaged``.
        RefusedError: ``unsafe-store``, ``store-refused``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "store")
        self._waiting = 0
        self._reader = self._thread.submit(_opened, path).result()

    async def history(self, span_s: int) -> dict[str, Any]:
        """The last so many seconds, as ``history`` has them."""
        return await self._ask(lambda: history(self._reader, now(), span_s))

    async def compare(self, before: str, after: str, live: Callable[[], Moment | None]) -> dict[str, Any]:
        """Two times of the store; ``now`` is the live host where it has been seen.

        Raises:
            UsageError: ``bad-time``.
            InputError: ``nothing-recorded``, and others of the store's.
        """
        return await self._ask(lambda: _compared(*(self._moment(when, live) for when in (before, after))))

    def close(self) -> None:
        """Let the store go."""
        self._thread.submit(self._reader.__exit__, None, None, None)
        self._thread.shutdown()

    def _moment(self, when: str, live: Callable[[], Moment | None]) -> Moment:
        present = live() if when.strip() == "now" else None
        return present or moment_of(self._reader, self._path, moment(when, now()))

    async def _ask(self, question: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise RefusedError("store-busy", "too many questions to the store at once", "ask again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, question)
        finally:
            self._waiting -= 1


def _opened(path: str) -> Reader:
    reader = Reader(path)
    reader.extent()  # now it has all its files open
    return reader


def history(reader: Reader, at: datetime, span_s: int) -> dict[str, Any]:
    """The states over a time: their least, mean and most, and how they went."""
    last_ms = round(at.timestamp() * 1000)
    first_ms = last_ms - span_s * 1000
    buckets = reader.chart(first_ms, last_ms, _STRETCHES)
    return {
        "first": _spoken(first_ms),
        "last": _spoken(last_ms),
        "first_ms": first_ms,
        "last_ms": last_ms,
        "samples": sum(one.samples for one in buckets),
        "states": {name: _summary(buckets, name) for name in NAMES if any(name in one.states for one in buckets)},
        "stretches": [{"at_ms": one.at_ms, "states": one.states} for one in buckets],
    }


def _summary(buckets: list[Bucket], name: str) -> dict[str, float]:
    values = [(one.states.get(name, (0.0, 0, 0)), one.samples) for one in buckets]
    samples = sum(weight for _, weight in values)
    return {
        "least": min(least for (_, _, least), _ in values),
        "mean": sum(mean * weight for (mean, _, _), weight in values) / samples,
        "most": max(most for (_, most, _), _ in values),
    }


def _spoken(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _compared(before: Moment, after: Moment) -> dict[str, Any]:
    found = compare(before, after)
    document: dict[str, Any] = to_builtins(found)
    return document | {
        "verdict": verdict(found),
        "why": [line for lines in reasons(found).values() for line in lines],
    }
