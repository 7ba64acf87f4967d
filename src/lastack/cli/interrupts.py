"""Ctrl-C that is not lost: Python drops a KeyboardInterrupt that comes while its own hooks of fork() run."""

import signal
from types import FrameType, TracebackType
from typing import Self

__all__ = ["Interrupts"]


class Interrupts:
    """While it lasts, SIGINT raises KeyboardInterrupt as always, and is remembered; a context manager."""

    def __init__(self) -> None:
        self._came = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __call__(self) -> bool:
        """Whether one came."""
        return self._came

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt
