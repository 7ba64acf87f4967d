"""Keeping signals away from work that must not stop half way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uninterrupted"]

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let signals that would end or stop the process wait: the work inside takes milliseconds."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
