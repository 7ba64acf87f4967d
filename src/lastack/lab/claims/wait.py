"""Waiting for the kernel: until something is so, or for so long."""

import time
from collections.abc import Callable

__all__ = ["seconds_until", "stays"]

_BRIEF_S, _LONG_S = 0.02, 0.25


def seconds_until(happened: Callable[[], object], patience_s: float, since: float | None = None) -> float | None:
    """Look again and again until it has happened.

    Args:
        happened: what is looked at; true in the end.
        patience_s: seconds after which nobody waits any more.
        since: the moment (of ``time.monotonic``) that seconds are counted from; None: now.

    Returns:
        Seconds; None: it did not happen.
    """
    start = time.monotonic()
    first = start if since is None else since
    pause = _BRIEF_S if patience_s <= 10 else _LONG_S
    while not happened():
        if time.monotonic() - start > patience_s:
            return None
        time.sleep(pause)
    return time.monotonic() - first


def stays(condition: Callable[[], object], seconds: float) -> bool:
    """Whether it is so all the time, for so long."""
    return seconds_until(lambda: not condition(), seconds) is None
