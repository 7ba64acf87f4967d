"""The progress line of an experiment: what runs, and how much time is left."""

import time
from types import TracebackType
from typing import Self, TextIO

from lastack.cli.draw import plain
from lastack.lab.experiment.experiment import Step

__all__ = ["TimeLeft"]


class TimeLeft:
    """Tells it on a line of its own, where ``stream`` is a terminal; a context manager.

    Args:
        stream: where to.
        what: runs, where there is more than one experiment.
    """

    def __init__(self, stream: TextIO, what: str = "") -> None:
        self._what = f"{what}: " if what else ""
        self._stream = stream if stream.isatty() else None
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __call__(self, step: Step) -> None:
        """A run begins."""
        if not self._stream:
            return
        which = f"run {step.block} of {step.blocks}" if step.block else "warm-up"
        left = ""
        if step.done:
            each_s = (time.monotonic() - self._start) / step.done
            left = f", {each_s * (step.total - step.done):.0f} s left at most"
        self._stream.write(f"\r\x1b[Klastack: {self._what}{which}: {plain(step.arm)}{left}")
        self._stream.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.write("\r\x1b[K")  # EL: erase to the end of the line
            self._stream.flush()
