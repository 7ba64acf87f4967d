"""Running claims side by side: those that wait for the kernel's minutes first, and all of them at once.

Each claim has a process and a lab of its own, seven processes in all, and nothing of it outlives its claim. One that
fails is run once more, for a machine that is too busy can make any clock lie; only what fails twice fails.
"""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from lastack.errors import RefusedError
from lastack.lab.claims.claim import Claim, Result
from lastack.lab.claims.performance import Performance
from lastack.lab.route import load_pyroute2

__all__ = ["Run"]

_LONG_S = 8  # from here on a claim does nothing but wait
_MOST_AT_ONCE = 60
_MAKING_S = 0.15  # of one lab


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Leave an interrupt for after the block, and from the process that is forked in it."""
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
        RefusedError: ``no-pyroute2``; from the first iteration on, as ``Lab``, and ``lab-limit``.
    """

    def __init__(
        self, claims: Sequence[Claim], *, again: bool = True, planted: Mapping[str, Mapping[str, object]] | None = None
    ) -> None:
        load_pyroute2()  # once, and every process has it
        self._again = again
        self._planted = planted or {}
        self._failed: dict[str, Result] = {}
        self._waiting = sorted(claims, key=lambda claim: claim.seconds)
        self._running: list[Performance] = []
        self._most = _MOST_AT_ONCE
        self._makings_at_once = 2 * (os.cpu_count() or 1)
        self._short_at_once = 3 * (os.cpu_count() or 1)

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
        makings = _MAKING_S * len(self._waiting) / self._makings_at_once
        short = sum(claim.seconds for claim in self._waiting if claim.seconds < _LONG_S)
        long = max((claim.seconds for claim in self._waiting if claim.seconds >= _LONG_S), default=0)
        return max(long, makings + short / self._short_at_once, *running, 0)

    def results(self, tick_s: float = 1.0) -> Iterator[Result | None]:
        """Each result once it is there; None at least every ``tick_s`` seconds, for whoever shows progress."""
        while self._waiting or self._running:
            started = self._has_room() and self._start()
            for performance in self._ready(0 if started else tick_s):
                result = self._heard(performance)
                if result is not None:
                    yield self._judged(result)
            yield None

    def _start(self) -> bool:
        """Start the next claim; False where a limit of this host asks to wait until another ends."""
        claim = self._waiting.pop()
        try:
            with _undisturbed():
                self._running.append(Performance(claim, self._planted.get(claim.id, {})))
        except OSError as error:
            self._postpone(claim, error)
            return False
        return True

    def _heard(self, performance: Performance) -> Result | None:
        """A result, if that is what one has to say; it is over then."""
        failure: OSError | RefusedError | None = None
        result = None
        try:
            result = performance.hear()
        except (OSError, RefusedError) as error:
            failure = error
        if result is not None or failure is not None:
            self._running.remove(performance)
            performance.close()
        if failure is not None:
            self._postpone(performance.claim, failure)
        return result

    def _postpone(self, claim: Claim, error: OSError | RefusedError) -> None:
        """Run no more at once than there are now: for more there is no room here."""
        if not self._running:
            if isinstance(error, RefusedError):
                raise error
            raise RefusedError("lab-limit", f"there is no room for a lab: {error.strerror}")
        self._most = len(self._running)
        self._waiting.append(claim)

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

    def _ready(self, patience_s: float) -> list[Performance]:
        """Those that have something to say, or never will."""
        files = wait([performance.fileno() for performance in self._running], patience_s)
        return [one for one in self._running if one.fileno() in files or one.is_overdue]

    def _has_room(self) -> bool:
        making = sum(not performance.stands for performance in self._running)
        if not self._waiting or len(self._running) >= self._most or making >= self._makings_at_once:
            return False
        short = sum(performance.claim.seconds < _LONG_S for performance in self._running)
        return self._waiting[-1].seconds >= _LONG_S or short < self._short_at_once
