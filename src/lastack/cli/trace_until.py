"""What live traces have in common: when they stop."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Stop", "stopping"]


class Stop:
    """Whether to stop.

    Args:
        seconds: after which to stop by itself; None: never.

    Attributes:
        now: somebody pressed Ctrl-C, or asked us to end; or the time is over.
    """

    def __init__(self, seconds: float | None) -> None:
        self.now = False
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, most: float) -> float:
        """Seconds to wait, at most so many; notes when there are none left."""
        if self._end is None:
            return most
        seconds = max(self._end - time.monotonic(), 0.0)
        self.now |= seconds == 0
        return min(seconds, most)


@contextmanager
def stopping(seconds: float | None) -> Iterator[Stop]:
    """A ``Stop`` that hears SIGINT and SIGTERM within the block; a second Ctrl-C interrupts as ever."""
    stop = Stop(seconds)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def hear(number: int, _frame: FrameType | None) -> None:
        stop.now = True
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, hear)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
