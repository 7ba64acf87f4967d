"""The paths of cgroups that sock_diag names by id (INET_DIAG_CGROUP_ID, since Linux 5.7).

An id is the inode number of the cgroup's folder in the cgroup2 file system (kernfs_ino(), include/linux/kernfs.h), so
the way back is to look for the folder.
"""

import os
from collections.abc import Iterator

from lastack.kernel.mounts import read_mounts
from lastack.kernel.procfile import printable

__all__ = ["CgroupPaths", "find_cgroup_mount"]


class CgroupPaths:
    """From ids to paths, below a cgroup2 mount.

    It walks the folders as far as the ids asked for demand, and keeps what it saw: one object serves one reading.
    """

    def __init__(self, mount: str) -> None:
        self._paths: dict[int, str] = {}
        self._unseen = _walk(mount)

    def path(self, cgroup_id: int) -> str:
        """The path below the mount, ``/`` for its root.

        ``cgroup id N`` where no folder has that id: the cgroup is deleted, though its sockets live on, or it lies
        outside what this mount shows. What is not printable in a name becomes U+FFFD.
        """
        while cgroup_id not in self._paths:
            inode, path = next(self._unseen, (cgroup_id, f"cgroup id {cgroup_id}"))
            self._paths[inode] = path
        return self._paths[cgroup_id]


def find_cgroup_mount(proc_root: str = "/proc") -> str | None:
    """Where cgroup2 is mounted, or None if it is not (or hidden in a container).

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    return next((mount.point for mount in read_mounts(proc_root) if mount.kind == "cgroup2"), None)


def _walk(mount: str) -> Iterator[tuple[int, str]]:
    folders = [mount]
    while folders:
        folder = folders.pop()
        try:
            inode = os.stat(folder).st_ino
            with os.scandir(folder) as entries:
                folders += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:  # removed meanwhile, or not ours to look into
            continue
        yield inode, printable(folder.removeprefix(mount)) or "/"
