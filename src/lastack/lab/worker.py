"""Workers: processes that live in a namespace, and do what they are asked, one thing after another."""

import os
import signal
from collections.abc import Callable
from multiprocessing import Pipe
from typing import Any

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
        make: makes the object, in the worker; if it raises, the worker is dead.
    """

    def __init__(self, namespace: Namespace, make: Callable[[], object]) -> None:
        self._name = namespace.name
        self._channel, theirs = Pipe()

        def serve() -> None:
            namespace.descend()
            ignore_keyboard()
            set_name("lastack-lab")
            kept = make()
            while True:
                method, args = theirs.recv()
                theirs.send_bytes(outcome_of(lambda: getattr(kept, method)(*args)))  # noqa: B023 - called at once

        self._pid = fork(serve)
        theirs.close()

    def post(self, method: str, *args: object) -> None:
        """Ask for ``method(*args)`` without waiting; each post takes one ``result``."""
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
        except EOFError:
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
        """End the worker; the kernel closes its sockets."""
        self._channel.close()
        os.kill(self._pid, signal.SIGTERM)
        reap(self._pid)
