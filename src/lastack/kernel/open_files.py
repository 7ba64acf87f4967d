"""How many files processes have open, and how many they may: /proc/PID/limits, /proc/PID/fd (proc_pid_fd(5)).

A process that has reached its limit can neither accept() nor open a connection (EMFILE).
"""

import os
import re
from collections.abc import Iterable

from lastack.errors import RefusedError
from lastack.kernel.procfile import list_folder, malformed, read_file
from lastack.model.sample import OpenFiles

__all__ = ["read_open_files"]

# "Max open files            1024                 524288               files" (fs/proc/base.c proc_pid_limits()).
_LIMIT = re.compile(rb"^Max open files +(\d+|unlimited) ", re.MULTILINE)
# sysctl fs.nr_open's default: no process can have more.
_NO_LIMIT = 1 << 20


def read_open_files(processes: Iterable[str], proc_root: str = "/proc") -> list[OpenFiles]:
    """Open files and soft limit of each process (``name/pid``), the fullest first.

    Those that have ended, and those whose open files may not be counted, are passed over.

    Raises:
        InputError: ``malformed-proc-file``.
    """
    found = [use for process in processes if (use := _use_of(process, proc_root))]
    return sorted(found, key=lambda use: (-use.open / max(use.limit, 1), use.process))


def _use_of(process: str, proc_root: str) -> OpenFiles | None:
    folder = f"{proc_root}/{process.rpartition('/')[2]}"
    try:
        limits, count = read_file(f"{folder}/limits"), _count(f"{folder}/fd")
    except RefusedError:
        return None
    if not limits or count is None:
        return None
    match = _LIMIT.search(limits)
    if match is None:
        raise malformed(f"{folder}/limits", limits.count(b"\n"), "the end", "a line Max open files")
    limit = _NO_LIMIT if match[1] == b"unlimited" else int(match[1])
    return OpenFiles(process=process, open=count, limit=limit)


def _count(folder: str) -> int | None:
    """Entries of the folder; None: it is gone.

    The folder's size, which anybody may ask for, commit f1f1f2569901 ("proc: report open files as size in stat() for
    /proc/pid/fd") (in v6.2); before that it is 0, and the folder has to be listed.
    """
    try:
        size = os.stat(folder).st_size
    except OSError:
        return None
    return size or len(list_folder(folder))
