"""Reading the kernel's text files: what is absent, what is refused, what is malformed.

Every reader of /proc goes through here, so that all of them answer alike: absent is None, a refusal is a
RefusedError, and text that is not what the kernel prints is an InputError naming file and line.
"""

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lastack.errors import InputError, RefusedError

__all__ = ["TitledLine", "integers", "list_folder", "malformed", "printable", "read_file", "refused", "titled_lines"]

# ESRCH is what files of a process give that ended between open() and read().
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError, ProcessLookupError)
_TITLED = re.compile(r"(\w+):(.*)", re.ASCII)
# A counter is at most a u64: 20 digits.
_INTEGER = re.compile(r"-?[0-9]{1,20}")


class TitledLine(NamedTuple):
    """A line ``TITLE: word word ...``; ``number`` counts from 1."""

    number: int
    title: str
    words: list[str]


def read_file(path: str) -> bytes | None:
    """The whole file, or None if there is none.

    Raises:
        RefusedError: ``unreadable-file``: it is there and may not be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except _ABSENT:
        return None
    except OSError as error:
        raise refused(path, error) from None


def list_folder(path: str) -> list[str]:
    """The names in a folder, in the kernel's order; empty if there is no such folder.

    Raises:
        RefusedError: ``unreadable-file``: it is there and may not be listed.
    """
    try:
        return os.listdir(path)
    except _ABSENT:
        return []
    except OSError as error:
        raise refused(path, error) from None


def refused(path: str, error: OSError) -> RefusedError:
    """The error for a file that is there and that the kernel does not let us read."""
    return RefusedError("unreadable-file", f"{path}: {error.strerror}")


def malformed(path: str, line: int, found: str, expected: str) -> InputError:
    """The error for a line that is not what the kernel prints there."""
    return InputError("malformed-proc-file", f"{path}, line {line}: expected {expected}, found {found[:60]!r}")


def titled_lines(content: bytes, path: str) -> Iterator[TitledLine]:
    """The lines of a file all of whose lines are ``TITLE: word word ...``.

    Raises:
        InputError: ``malformed-proc-file``: a line without a title.
    """
    for number, line in enumerate(content.decode("ascii", "backslashreplace").split("\n"), start=1):
        match = _TITLED.fullmatch(line)
        if match:
            yield TitledLine(number, match[1], match[2].split())
        elif line:
            raise malformed(path, number, line, "a title and a colon")


def integers(words: Sequence[str], path: str, line: int) -> list[int]:
    """The words as numbers.

    Raises:
        InputError: ``malformed-proc-file``: one of them is not a decimal number of at most 64 bits.
    """
    for word in words:
        if not _INTEGER.fullmatch(word):
            raise malformed(path, line, word, "a decimal number")
    return [int(word) for word in words]


def printable(text: str) -> str:
    r"""The text with everything that could steer a terminal replaced by U+FFFD.

    Names of processes and cgroups are chosen by whoever runs them, so they are never printed as they are.

    >>> ascii(printable("web\x1b[2J"))
    "'web\\ufffd[2J'"
    """
    return "".join([character if character.isprintable() else "\ufffd" for character in text])
