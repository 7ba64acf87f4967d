"""Who changes something, and when: for the journal."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from pwd import getpwuid

from lastack.tune.record import Actor, Deadline
from lastack.tune.terminal import own_terminal

__all__ = ["actor", "boottime", "now", "within"]

_NO_LOGIN = 2**32 - 1  # what loginuid is for what nobody started who logged in


def actor(proc_root: str = "/proc") -> Actor:
    """The user that runs this process, and who that user logged in as."""
    user, login = _name(os.geteuid()), None
    with suppress(OSError, ValueError):
        number = int(Path(proc_root, "self/loginuid").read_text("ascii"))
        login = None if number in {_NO_LOGIN, os.geteuid()} else _name(number)
    terminal = own_terminal()
    return Actor(user=user, login=login, terminal=terminal.path if terminal else None, pid=os.getpid())


def now(shift_s: float = 0.0) -> str:
    """The time, or that many seconds later: RFC 3339, UTC."""
    moment = datetime.fromtimestamp(time.time() + shift_s, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def boottime() -> float:
    """Seconds since boot, suspended time included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def within(seconds: float) -> Deadline:
    """That many seconds from now."""
    return Deadline(within_s=seconds, at=now(seconds), boottime_s=boottime() + seconds)


def _name(user: int) -> str:
    try:
        return getpwuid(user).pw_name
    except KeyError:
        return str(user)
