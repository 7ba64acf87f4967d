"""Running claims side by side: those that wait for the kernel's minutes first, and all of them at once.

Each claim has a lab and a process of its own; a lab is five processes, and nothing of it outlives its claim. One that
fails is run once more, for a machine that is too busy can make any clock lie; only what fails twice fails.
"""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from lastack.errors import RefusedError
from lastack.lab.claims.claim import Claim, Result, Verdict
from lastack.lab.claims.stage import Play, Stage
from lastack.lab.lab import Lab

__all__ = ["Run"]

_LONG_S = 8  # from here on a claim does nothing but wait
_MOST_AT_ONCE = 60
_GRACE_S = 60  # for what a machine is too busy to do in time
_MAKING_S = 0.15  # of one lab


class _Performance:
    """A claim that is being run."""

    def __init__(self, claim: Claim, planted: Mapping[str, object]) -> None:
        self.claim = claim
        self._start = time.monotonic()
        self._lab = Lab()
        link = self._lab.links[0]
        try:
            with _kernel_log() as log:
                self.worker = self._lab.worker(
                    lambda client: Play(Stage(client, link, claim.family, planted, log), claim)
                )
            self.worker.post("run")
        except BaseException:
            self._lab.close()
            raise

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._start

    @property
    def is_overdue(self) -> bool:
        return self.age_s > self.claim.seconds + _GRACE_S

    @property
    def left_s(self) -> float:
        return max(0.0, self.claim.seconds - self.age_s)

    def result(self) -> Result:
        verdict: Verdict
        try:
            if self.is_overdue:
                verdict, observed = "not-testable-here", f"no end after {self.age_s:.0f} s, on a machine too busy"
            else:
                verdict, observed = self.worker.result()
        except RefusedError as error:
            verdict, observed = "not-testable-here", error.message
        return Result(self.claim, verdict, observed, self.age_s)

    def close(self) -> None:
        self._lab.close()  # which ends the worker, whatever it waits for
        self.worker.close()


@contextmanager
def _kernel_log() -> Iterator[int | None]:
    """/dev/kmsg, which nobody may open from within the lab; None: nor may we."""
    try:
        log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        yield None
        return
    try:
        yield log
    finally:
        os.close(log)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Leave an interrupt for after the block, and from the processes that are forked in it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class Run:
    """Claims on their way; an iterator of their results, in the order of their ends, and a context manager.

    Args:
        claims: what to run.
        again: whether a claim that fails is run once more.
        planted: by the id of a claim, settings that stay like this whatever its experiment sets: falsehoods, for tests.

    Raises:
        RefusedError: as ``Lab``, from the first iteration on.
    """

    def __init__(
        self, claims: Sequence[Claim], *, again: bool = True, planted: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        self._again = again
        self._planted = planted or {}
        self._failed: dict[str, Result] = {}
        self._waiting = sorted(claims, key=lambda claim: claim.seconds)
        self._running: list[_Performance] = []
        self._short_at_once = 2 * (os.cpu_count() or 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for performance in self._running:
            performance.close()
        self._running.clear()

    @property
    def left_s(self) -> float:
        """About how many seconds more it takes."""
        running = [performance.left_s for performance in self._running]
        makings = _MAKING_S * len(self._waiting)
        short = sum(claim.seconds for claim in self._waiting if claim.seconds < _LONG_S)
        long = max((claim.seconds for claim in self._waiting if claim.seconds >= _LONG_S), default=0)
        return max(long, makings + short / self._short_at_once, *running, 0)

    def results(self, tick_s: float = 1.0) -> Iterator[Result | None]:
        """Each result once it is there; None at least every ``tick_s`` seconds, for whoever shows progress."""
        while self._waiting or self._running:
            if self._has_room():
                with _undisturbed():
                    claim = self._waiting.pop()
                    self._running.append(_Performance(claim, self._planted.get(claim.id, {})))
                ready = self._ready(0)
            else:
                ready = self._ready(tick_s)
            for performance in ready:
                self._running.remove(performance)
                try:
                    result = performance.result()
                finally:
                    performance.close()
                yield self._judged(result)
            yield None

    def _judged(self, result: Result) -> Result | None:
        """The result, unless it is a first failure, which is put to the test again."""
        first = self._failed.get(result.claim.id)
        if self._again and result.verdict == "fails" and first is None:
            self._failed[result.claim.id] = result
            self._waiting.append(result.claim)
            return None
        if result.verdict == "holds" and first is not None:
            return result._replace(observed=f"{result.observed} (at the first try: {first.observed})")
        return result

    def _ready(self, patience_s: float) -> list[_Performance]:
        """Those that have their result, or never will."""
        files = wait([performance.worker.fileno() for performance in self._running], patience_s)
        return [one for one in self._running if one.worker.fileno() in files or one.is_overdue]

    def _has_room(self) -> bool:
        if not self._waiting or len(self._running) >= _MOST_AT_ONCE:
            return False
        short = sum(performance.claim.seconds < _LONG_S for performance in self._running)
        return self._waiting[-1].seconds >= _LONG_S or short < self._short_at_once
