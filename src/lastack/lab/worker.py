"""Workers: processes that live in a namespace, and do what they are asked, one thing after another."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from lastack.errors import RefusedError
from lastack.lab.namespace import Namespace
from lastack.lab.outcome import open_outcome, outcome_of
from lastack.lab.processes import fork, ignore_keyboard, reap
from lastack.lab.syscalls import set_name

__all__ = ["Worker"]


class Worker:
    """A process in ``namespace`` that keeps one object, and calls its methods when asked.

    Args:
        namespace: where it lives.
        make: makes the object, in the worker; what it raises, the first ``result`` raises.
    """

    def __init__(self, namespace: Namespace, make: Callable[[], object]) -> None:
        self._name = namespace.name
        self._channel, theirs = Pipe()

        def live() -> object:
            namespace.descend()
            ignore_keyboard()
            set_name("lastack-lab")
            return _serve(make(), theirs)

        def serve() -> None:
            theirs.send_bytes(outcome_of(live))  # what ends it before it serves is the answer to the first post

        self._pid = fork(serve)
        theirs.close()

    def post(self, method: str, *args: object) -> None:
        """Ask for ``method(*args)`` without waiting; each post takes one ``result``."""
        with suppress(BrokenPipeError):  # result() says of what it died
            self._channel.send((method, args))

    def result(self, patience_s: float = 300) -> Any:  # noqa: ANN401 - what the method returns
        """What the oldest unanswered post returned; what it raised is raised.

        Raises:
            RefusedError: ``lab-worker-stuck`` after ``patience_s`` seconds, ``lab-process-died``.
        """
        if not self._channel.poll(patience_s):
            raise RefusedError("lab-worker-stuck", f"a worker in {self._name} was silent for {patience_s:g} s")
        try:
            packed = self._channel.recv_bytes()
        except (EOFError, ConnectionResetError):
            raise RefusedError("lab-process-died", f"a worker in {self._name} died") from None
        return open_outcome(packed)

    def is_done(self, patience_s: float = 0) -> bool:
        """Whether the oldest unanswered post has its ``result``, or will have within ``patience_s`` seconds."""
        return self._channel.poll(patience_s)

    def ask(self, method: str, *args: object) -> Any:  # noqa: ANN401
        """``post`` and ``result``."""
        self.post(method, *args)
        return self.result()

    def close(self) -> None:
        """End the worker; the kernel closes its sockets. Closing it again is fine."""
        if self._pid:
            self._channel.close()
            os.kill(self._pid, signal.SIGTERM)
            reap(self._pid)
            self._pid = 0


def _serve(kept: object, channel: Connection) -> NoReturn:
    while True:
        try:
            method, args = channel.recv()
        except EOFError:
            os._exit(0)  # nobody will ask again
        channel.send_bytes(outcome_of(lambda: getattr(kept, method)(*args)))  # noqa: B023 - called at once
