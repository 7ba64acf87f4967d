"""Files that a command line asks for: the old one or the whole new one, whatever happens."""

import os
import sys
from pathlib import Path

from lastack.errors import InputError

__all__ = ["write"]


def write(path: str | None, content: bytes) -> None:
    """Put the content into the file in one step; None or ``-``: onto standard output.

    Raises:
        InputError: ``cannot-write``.
    """
    if path is None or path == "-":
        sys.stdout.buffer.write(content)
        return
    beside = Path(f"{path}.{os.getpid()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError("cannot-write", f"{path}: {error.strerror}") from error
