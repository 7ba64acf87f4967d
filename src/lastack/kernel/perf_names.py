"""Names and namespaces of processes, also of those that end before anybody can look: the kernel tells of each step.

Source: PERF_RECORD_FORK, _COMM, _NAMESPACES, _EXIT in include/uapi/linux/perf_event.h.
"""

import os
import struct
from collections.abc import Iterable

from lastack.kernel.perf import RECORD_COMM, RECORD_EXIT, RECORD_FORK, RECORD_NAMESPACES
from lastack.kernel.perf_records import Run
from lastack.kernel.processes import process_label
from lastack.kernel.procfile import printable

__all__ = ["Names"]

_TIME = struct.Struct("=Q")  # at the end of each record
_TASK = struct.Struct("=8x II II")  # FORK, EXIT: process, parent, thread, parent's thread
_COMM = struct.Struct("=8x II")  # process, thread; its name follows
_NAMESPACES = struct.Struct("=8x II 8x 8x Q")  # process, thread; the first is the network namespace's inode


class Names:
    """Who is who.

    Args:
        proc_root: where those are looked up that were there before us.
    """

    def __init__(self, proc_root: str = "/proc") -> None:
        self._proc_root = proc_root
        self._names: dict[int, str] = {}
        self._networks: dict[int, int] = {}
        self._ended: set[int] = set()

    def hear(self, runs: Iterable[Run]) -> None:
        """Take in what the kernel told. Who ended is known until the next time."""
        for pid in self._ended:
            self._names.pop(pid, None)
            self._networks.pop(pid, None)
        self._ended.clear()
        told = [
            (record[-_TIME.size :].cast("Q")[0], run.kind, record)
            for run in runs
            for at in range(0, len(run.records), run.stride)
            for record in (run.records[at : at + run.stride],)
        ]
        for _, kind, record in sorted(told, key=lambda one: one[0]):  # CPUs tell side by side
            self._hear(kind, record)

    def _hear(self, kind: int, record: memoryview) -> None:
        if kind == RECORD_COMM:
            pid, thread = _COMM.unpack_from(record)
            if pid == thread:
                name = bytes(record[_COMM.size :]).partition(b"\0")[0]
                self._names[pid] = printable(name.decode("utf-8", "replace"))
                self._ended.discard(pid)
        elif kind == RECORD_NAMESPACES:
            pid, thread, inode = _NAMESPACES.unpack_from(record)
            if pid == thread:
                self._networks[pid] = inode
        elif kind in {RECORD_FORK, RECORD_EXIT}:
            pid, parent, thread, _ = _TASK.unpack_from(record)
            if pid != thread:
                return
            if kind == RECORD_EXIT:
                self._ended.add(pid)
            elif parent in self._names:
                self._names[pid] = self._names[parent]

    def label(self, pid: int) -> str:
        """``name/pid``, as ``lastack.kernel.processes.process_label``."""
        name = self._names.get(pid)
        if name is None:
            name = self._names[pid] = process_label(pid, self._proc_root).rpartition("/")[0]
        return f"{name}/{pid}"

    def network(self, pid: int) -> int | None:
        """The inode of the network namespace that a process lives in; None: it has ended, or may not be looked into."""
        inode = self._networks.get(pid)
        if inode is None:
            try:
                inode = os.stat(f"{self._proc_root}/{pid}/ns/net").st_ino
            except OSError:
                return None
        return inode
