"""What is mounted where, as the calling process sees it: proc_pid_mountinfo(5)."""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from lastack.kernel.procfile import malformed, read_file

__all__ = ["Mount", "read_mounts"]

# mangle_path(), fs/seq_file.c, writes what would break the line up as a backslash and three octal digits.
_ESCAPE = re.compile(rb"\\([0-3][0-7]{2})")


class Mount(NamedTuple):
    """A mount.

    Attributes:
        root: what of the file system is mounted; for a namespace's file ``net:[inode]`` and the like.
        point: where, a path.
        kind: the file system's type.
    """

    root: str
    point: str
    kind: str


def read_mounts(proc_root: str = "/proc") -> Iterator[Mount]:
    """The mounts, oldest first; none if there is no such file.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    path = f"{proc_root}/self/mountinfo"
    for number, line in enumerate((read_file(path) or b"").split(b"\n"), start=1):
        if not line:  # after the last one
            continue
        # A varying number of optional fields ends in a lone dash.
        left, _, right = line.partition(b" - ")
        fields, kind = left.split(b" "), right.split(b" ")[0]
        if len(fields) < 6 or not kind:
            raise malformed(path, number, os.fsdecode(line), "six fields or more, a dash, a file system type")
        yield Mount(_unescape(fields[3]), _unescape(fields[4]), os.fsdecode(kind))


def _unescape(field: bytes) -> str:
    return os.fsdecode(_ESCAPE.sub(lambda match: bytes([int(match[1], 8)]), field))
