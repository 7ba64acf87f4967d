"""Files that a command line names: ``-`` is standard input."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from lastack.errors import InputError

__all__ = ["STDIN", "opened"]

STDIN = "standard input"


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, str]]:
    """The file and its name in errors.

    Raises:
        InputError: ``cannot-read``: there is no such file, or it may not be read; also while it is being read.
    """
    name = STDIN if path == "-" else path
    try:
        if path == "-":
            yield sys.stdin.buffer, name
        else:
            with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs more to import than most files to read
                yield file, name
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise InputError("cannot-read", f"{name}: {error.strerror}") from error
