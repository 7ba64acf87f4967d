"""The recorder: sample, store, wait. A store that takes nothing for a while loses the samples of that while alone."""

import argparse
import gc
import signal
import sys
import time
from contextlib import ExitStack, suppress
from types import FrameType

from lastack.errors import RefusedError
from lastack.kernel.holdings import Holdings
from lastack.kernel.namespaces import enter
from lastack.kernel.sampler import take_sample
from lastack.model.sample import Sample
from lastack.store.writer import Writer

__all__ = ["ROWS", "record"]

# Cohorts of a recorded sample. Fewer than in a snapshot: over days the one-time visitor among a server's clients is
# noise, and an address that comes once a minute would make most of the file.
ROWS = 128

_PRUNE_S = 600.0


class _Stop(Exception):  # noqa: N818 - no error: the end that was asked for
    pass


def record(options: argparse.Namespace) -> int:
    """Record until a signal comes, or once.

    Raises:
        RefusedError: of the first sample: ``store-refused``, the namespace's; later ones are said and waited out.
    """
    with ExitStack() as stack:
        writer = stack.enter_context(Writer(options.store))
        if options.netns:
            stack.enter_context(enter(options.netns))
        recorder = _Recorder(writer, options)
        recorder.begin()
        if options.once:
            return 0
        signal.signal(signal.SIGTERM, _stop)
        with suppress(_Stop):
            recorder.go_on()
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


class _Recorder:
    def __init__(self, writer: Writer, options: argparse.Namespace) -> None:
        self._writer = writer
        self._netns = options.netns
        self._every_s = options.every
        self._keep_s = options.keep
        self._most_bytes = options.max_size
        self._holdings = Holdings()
        self._missed = 0
        self._pruned_at = float("-inf")

    def begin(self) -> None:
        """The first sample, whose failure is an error."""
        sample = self._sample()
        self._writer.append(sample)
        gc.freeze()  # what is here by now stays: a tenth of each sample was looking for garbage in it
        for what, reason in sample.unseen.items():
            sys.stderr.write(f"lastack: {what}: {reason}\n")
        self._prune()

    def go_on(self) -> None:
        """Every further one, on a beat, so that the seconds that closes are counted in stay the same."""
        due = time.clock_gettime(time.CLOCK_BOOTTIME)
        while True:
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            due = max(due + self._every_s, now - self._every_s)  # after a suspend: on, and no catching up
            time.sleep(max(due - now, 0.0))
            self._once()

    def _once(self) -> None:
        try:
            self._writer.append(self._sample())
            self._prune()
        except RefusedError as error:
            if not self._missed:
                sys.stderr.write(f"lastack: not recorded: {error.message}; trying on\n")
            self._missed += 1
            return
        if self._missed:
            sys.stderr.write(f"lastack: recording again; {self._missed} samples are missing\n")
            self._missed = 0

    def _sample(self) -> Sample:
        return take_sample(self._netns, rows=ROWS, holdings=self._holdings)

    def _prune(self) -> None:
        now = time.monotonic()
        if now - self._pruned_at < _PRUNE_S:
            return
        self._pruned_at = now
        self._writer.prune(before_ms=round((time.time() - self._keep_s) * 1000), most_bytes=self._most_bytes)
