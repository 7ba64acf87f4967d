"""Telling the person who changed something what became of it, on the terminal where that was done."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["Terminal", "own_terminal", "tell"]


class Terminal(NamedTuple):
    """A terminal: its path, and whose it was; another user may have it later."""

    path: str
    owner: int


def own_terminal() -> Terminal | None:
    """The one that this process reads from or writes to; None: it has none."""
    for descriptor in range(3):
        with suppress(OSError):
            path = os.ttyname(descriptor)
            return Terminal(path, Path(path).stat().st_uid)
    return None


def tell(terminal: Terminal | None, text: str) -> None:
    """Write a line there, if it is still there and still the same user's. Nothing is waited for."""
    if terminal is None:
        return
    with suppress(OSError):
        flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(terminal.path, flags)
        try:
            status = os.fstat(file)
            if stat.S_ISCHR(status.st_mode) and status.st_uid == terminal.owner:
                os.write(file, f"\r\n{text}\r\n".encode())
        finally:
            os.close(file)
