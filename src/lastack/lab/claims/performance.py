"""One claim on its way: a lab of its own, and the process in it that plays the experiment."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lastack.errors import RefusedError
from lastack.lab.claims.claim import Claim, Result, Verdict
from lastack.lab.claims.stage import Play, Stage
from lastack.lab.lab import Lab

__all__ = ["Performance"]

_GRACE_S = 60  # for what a machine is too busy to do in time


class Performance:
    """A claim that is being run.

    Args:
        claim: the row.
        planted: settings that stay like this whatever its experiment sets.

    Attributes:
        claim: the row.
        worker: the process that plays it.

    Raises:
        RefusedError: as ``Lab``.
        OSError: a limit on processes, files or memory.
    """

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
        """Seconds since it began."""
        return time.monotonic() - self._start

    @property
    def is_overdue(self) -> bool:
        """Whether it should long have ended."""
        return self.age_s > self.claim.seconds + _GRACE_S

    @property
    def left_s(self) -> float:
        """About how many seconds more it takes."""
        return max(0.0, self.claim.seconds - self.age_s)

    def result(self) -> Result:
        """What came of it, once the worker has its result or is overdue."""
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
        """End its lab and its process."""
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
