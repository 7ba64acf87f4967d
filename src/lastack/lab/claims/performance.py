"""One claim on its way: a process that makes a lab of its own, and has the experiment played in it."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from lastack.errors import RefusedError
from lastack.lab.claims.claim import Claim, Result, Verdict
from lastack.lab.claims.stage import Play, Stage
from lastack.lab.lab import Lab
from lastack.lab.outcome import open_outcome, outcome_of
from lastack.lab.processes import fork, ignore_keyboard, reap
from lastack.lab.syscalls import die_with_parent

__all__ = ["Performance"]

_GRACE_S = 60  # for what a machine is too busy to do in time
_STANDS = b""  # what the process says once its lab stands


class Performance:
    """A claim that is being run.

    Args:
        claim: the row.
        planted: settings that stay like this whatever its experiment sets.

    Attributes:
        claim: the row.
        stands: whether its lab is made, as far as was heard.

    Raises:
        OSError: a limit on processes or files.
    """

    def __init__(self, claim: Claim, planted: Mapping[str, object]) -> None:
        self.claim = claim
        self.stands = False
        self._start = time.monotonic()
        self._channel, theirs = Pipe(duplex=False)
        try:
            self._pid = fork(lambda: _perform(claim, planted, theirs))
        except OSError:
            self._channel.close()
            raise
        finally:
            theirs.close()

    def fileno(self) -> int:
        """Readable once there is something to hear."""
        return self._channel.fileno()

    @property
    def is_overdue(self) -> bool:
        """Whether it should long have ended."""
        return self._age_s > self.claim.seconds + _GRACE_S

    @property
    def left_s(self) -> float:
        """About how many seconds more it takes."""
        return max(0.0, self.claim.seconds - self._age_s)

    @property
    def _age_s(self) -> float:
        return time.monotonic() - self._start

    def hear(self) -> Result | None:
        """What came of it, where there is something to hear or it is overdue; None: its lab stands now.

        Raises:
            RefusedError: as ``Lab``; there is no lab for it.
            OSError: a limit on processes, files or memory; there is no lab for it.
        """
        verdict: Verdict
        try:
            if self.is_overdue:
                verdict, observed = "not-testable-here", f"no end after {self._age_s:.0f} s, on a machine too busy"
            else:
                packed = self._channel.recv_bytes()
                if packed == _STANDS:
                    self.stands = True
                    return None
                verdict, observed = open_outcome(packed)
        except EOFError:
            verdict, observed = "not-testable-here", "the process that played it died"
        return Result(self.claim, verdict, observed, self._age_s)

    def close(self) -> None:
        """End its process, and with that its lab."""
        os.kill(self._pid, signal.SIGKILL)
        reap(self._pid)
        self._channel.close()


def _perform(claim: Claim, planted: Mapping[str, object], channel: Connection) -> None:
    """The process's life."""
    die_with_parent()
    ignore_keyboard()
    channel.send_bytes(outcome_of(lambda: _played(claim, planted, channel)))


def _played(claim: Claim, planted: Mapping[str, object], channel: Connection) -> tuple[Verdict, str]:
    with _kernel_log() as log, Lab() as lab:
        link = lab.links[0]
        channel.send_bytes(_STANDS)
        try:
            worker = lab.worker(lambda client: Play(Stage(client, link, claim.family, planted, log), claim))
            verdict: Verdict
            verdict, observed = worker.ask("run")
        except RefusedError as error:
            return "not-testable-here", error.message
        return verdict, observed


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
