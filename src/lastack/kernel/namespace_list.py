"""Every network namespace that can be found, each once.

A namespace lives as long as something holds it: a name (ip-netns(8)), a mount of its file elsewhere (Docker, CNI), or a
process that lives in it. One that only an open file, an open socket or a single thread of a process holds is not found.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.mounts import read_mounts
from lastack.kernel.processes import has_arguments, list_pids, process_label, unlisted
from lastack.kernel.procfile import list_folder, printable, read_file, refused

__all__ = ["NAMED", "Namespace", "NamespaceList", "find_namespaces"]

# Where the names are that people give, with `ip netns` or a symbolic link.
NAMED = ("/run/netns", "/var/run/netns")

# Docker, containerd, CRI-O and Podman call a container's cgroup by its id, alone or with words around it.
_CONTAINER = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Namespace(NamedTuple):
    """A network namespace.

    Attributes:
        inode: its number, unique on the machine: the one in ``net:[inode]``.
        path: a file to enter it by, which is gone when what it belongs to ends.
        name: its name in one of the folders of names.
        process: ``name/pid`` of the process with the lowest pid that lives in it; None: there is none to be seen.
        container: first 12 digits of the id of that process's container; None: it is in none.
    """

    inode: int
    path: str
    name: str | None
    process: str | None
    container: str | None

    @property
    def label(self) -> str:
        """What to call it: its name, else its process and container, else its path."""
        if self.name or not self.process:
            return printable(self.name or self.path)
        return f"{self.process} container {self.container}" if self.container else self.process


class NamespaceList(NamedTuple):
    """The namespaces found.

    Attributes:
        found: the calling thread's own first, then those with a name or a mount, then by process.
        hidden: processes that we may not look into, whose namespaces may be missing here; to see those of other
            users takes root (CAP_SYS_PTRACE). Where /proc does not even list them (hidepid), they count as one.
    """

    found: tuple[Namespace, ...]
    hidden: int


def find_namespaces(proc_root: str = "/proc", named: Sequence[str] = NAMED) -> NamespaceList:
    """Look for them among names, mounts and processes.

    To be listed is not to be enterable: ``lastack.kernel.namespaces.enter`` may refuse.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``: for want of /proc, or a part of it, or of CONFIG_NET_NS.
    """
    home, device = _own(proc_root)
    names = _by_inode(_files(named), device)
    residents, hidden = _residents(proc_root)
    paths = _by_inode([home, *names.values(), *_mount_points(proc_root)], device)
    for inode, pid in residents.items():
        paths.setdefault(inode, f"{proc_root}/{pid}/ns/net")
    found = []
    for inode, path in paths.items():
        name = os.path.basename(names[inode]) if inode in names else None
        process, container = _describe(residents[inode], proc_root) if inode in residents else (None, None)
        found.append(Namespace(inode, path, name, process, container))
    return NamespaceList(tuple(found), hidden)


def _own(proc_root: str) -> tuple[str, int]:
    """The calling thread's file, and the number of the file system that all namespaces' files are of."""
    thread = f"{proc_root}/thread-self"
    try:
        # By the thread's number: from within another namespace the link would lead to that one.
        path = f"{proc_root}/{os.readlink(thread)}/ns/net"
        return path, os.stat(path).st_dev
    except OSError as error:
        raise refused(thread, error) from None


def _files(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        with suppress(RefusedError):  # its namespaces may still be found by their processes
            yield from [f"{folder}/{name}" for name in sorted(list_folder(folder))]


def _by_inode(paths: Iterable[str], device: int) -> dict[int, str]:
    """Those of the files that stand for a namespace, the first of each."""
    files: dict[int, str] = {}
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:  # gone meanwhile, a dangling link, or in a folder that is not ours to look into
            continue
        if status.st_dev == device:
            files.setdefault(status.st_ino, path)
    return files


def _mount_points(proc_root: str) -> Iterator[str]:
    return (mount.point for mount in read_mounts(proc_root) if mount.root.startswith("net:["))


def _residents(proc_root: str) -> tuple[dict[int, int], int]:
    """The lowest pid in each namespace, and how many processes hide theirs."""
    pids = list_pids(proc_root)
    residents: dict[int, int] = {}
    hidden = unlisted(pids)
    for pid in pids:
        try:
            residents.setdefault(os.stat(f"{proc_root}/{pid}/ns/net").st_ino, pid)
        except PermissionError:
            hidden += has_arguments(pid, proc_root)
        except OSError:  # ended meanwhile
            continue
    return residents, hidden


def _describe(pid: int, proc_root: str) -> tuple[str, str | None]:
    """The process's label and its container; where containers nest, the innermost."""
    ids = _CONTAINER.findall(read_file(f"{proc_root}/{pid}/cgroup") or b"")
    return process_label(pid, proc_root), ids[-1][:12].decode() if ids else None
