"""Who holds which socket: the processes' open files, by the sockets' inodes.

Source: proc_pid_fd(5). An inode is unique on the machine, whatever namespace its socket is in. Nobody holds a
time-wait socket, an orphan, or a connection that waits in an accept queue. A thread that has unshared its file table
from its process (CLONE_FILES) is not looked at.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.procfile import list_folder, printable, read_file, refused

__all__ = [
    "Holders",
    "find_holders",
    "has_arguments",
    "list_files",
    "list_pids",
    "process_label",
    "read_sockets",
    "sockets_among",
    "unlisted",
]


class Holders(NamedTuple):
    """Who holds which socket.

    Attributes:
        pids: socket inode to its holder with the lowest pid.
        hidden: processes that we may not look into; to see those of other users takes root (CAP_SYS_PTRACE).
            Where /proc does not even list them (hidepid), they count as one.
    """

    pids: dict[int, int]
    hidden: int


def find_holders(proc_root: str = "/proc") -> Holders:
    """The holders of all sockets. Processes that end meanwhile are passed over.

    Raises:
        RefusedError: ``unreadable-file``: ``proc_root`` may not be listed.
    """
    pids: dict[int, int] = {}
    listed = list_pids(proc_root)
    hidden = unlisted(listed)
    for pid in reversed(listed):
        try:
            pids.update(dict.fromkeys(read_sockets(pid, proc_root).values(), pid))
        except RefusedError:
            hidden += 1
    return Holders(pids, hidden)


def list_pids(proc_root: str = "/proc") -> list[int]:
    """The processes' ids, lowest first.

    Raises:
        RefusedError: ``unreadable-file``: ``proc_root`` may not be listed.
    """
    return sorted([int(name) for name in list_folder(proc_root) if name.isdecimal()])


def unlisted(pids: list[int]) -> int:
    """1 where /proc keeps other users' processes off its list (hidepid, proc(5)), else 0.

    Every pid namespace has a process 1, so a list without it is not the whole list.
    """
    return int(pids[:1] != [1])


def process_label(pid: int, proc_root: str = "/proc") -> str:
    """``name/pid``; the name (comm) is the process's own choice, so what is not printable in it becomes U+FFFD.

    A process that has ended is ``?/pid``.
    """
    comm = read_file(f"{proc_root}/{pid}/comm")
    name = "?" if comm is None else printable(comm.removesuffix(b"\n").decode("utf-8", "replace"))
    return f"{name}/{pid}"


def has_arguments(pid: int, proc_root: str = "/proc") -> bool:
    """Whether the process has a command line; kernel threads and zombies, which hold no sockets, have none."""
    return bool(read_file(f"{proc_root}/{pid}/cmdline"))


def read_sockets(pid: int, proc_root: str = "/proc") -> dict[str, int]:
    """The sockets that a process has open: file, as ``list_files`` has it, to inode. Empty: none.

    Raises:
        RefusedError: ``unreadable-file``: we may not look into that process.
    """
    try:
        return sockets_among(pid, list_files(pid, proc_root), proc_root)
    except RefusedError:
        if has_arguments(pid, proc_root):
            raise
    return {}


def list_files(pid: int, proc_root: str = "/proc") -> list[str]:
    """The open files of a process, by their paths from its folder ``fd`` on; empty where it has ended, too.

    Raises:
        RefusedError: ``unreadable-file``: we may not look into that process.
    """
    try:
        files = list_folder(f"{proc_root}/{pid}/fd")
        if files:
            return files
    except RefusedError:
        if has_arguments(pid, proc_root):
            raise
    return _files_of_threads(f"{proc_root}/{pid}/task")


def _files_of_threads(folder: str) -> list[str]:
    # Once its main thread has ended, a process has no command line and shows no files, or to an ordinary user not
    # even that; its other threads may live on with the files.
    files = []
    for thread in list_folder(folder):
        with suppress(RefusedError):
            files += [f"../task/{thread}/fd/{file}" for file in list_folder(f"{folder}/{thread}/fd")]
    return files


def sockets_among(pid: int, files: Iterable[str], proc_root: str = "/proc") -> dict[str, int]:
    """Which of these files of a process are sockets, and their inodes.

    Raises:
        RefusedError: ``unreadable-file``.
    """
    folder = f"{proc_root}/{pid}/fd"
    sockets = {}
    for file in files:
        try:
            target = os.readlink(f"{folder}/{file}")
        except PermissionError as error:  # some security modules let the folder be listed, and no more
            raise refused(f"{folder}/{file}", error) from None
        except OSError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            sockets[file] = int(target[8:-1])
    return sockets
