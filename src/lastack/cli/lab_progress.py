"""The progress line of an experiment: what runs, and how much time is left."""

import time
from typing import TextIO

from lastack.cli.progress_line import ProgressLine
from lastack.lab.experiment.experiment import Step

__all__ = ["TimeLeft"]


class TimeLeft(ProgressLine):
    """Tells it, as runs begin.

    Args:
        stream: where to.
        what: runs, where there is more than one experiment.
    """

    def __init__(self, stream: TextIO, what: str = "") -> None:
        super().__init__(stream)
        self._what = f"{what}: " if what else ""
        self._start = time.monotonic()

    def __call__(self, step: Step) -> None:
        """A run begins."""
        which = f"run {step.block} of {step.blocks}" if step.block else "warm-up"
        left = ""
        if step.done:
            each_s = (time.monotonic() - self._start) / step.done
            left = f", {each_s * (step.total - step.done):.0f} s left at most"
        self.show(f"{self._what}{which}: {step.arm}{left}")
