"""Who holds which socket, for one who looks again and again: what was found is remembered, only what is new looked for.

To read what every open file of every process is, is most of what a sample of some thousand connections takes. But a
socket keeps its inode for life, and nearly always its file in its process. So before a look the files of the processes
that held sockets of the last one are only listed: what is gone is forgotten. Sockets that the dump then shows, and that
nobody is known to hold, are looked for in files that are new or whose socket is gone, and in processes that are new.
One that is not there has mostly been closed meanwhile: it has no name. If the next look shows it still, everything is
read anew, as it is every minute in any case.

So a name is out of date in one case, and for a minute at most: where a process has handed its socket on, closed it, and
opened something else under the same number.
"""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.processes import list_pids, process_label, read_sockets, sockets_among, unlisted
from lastack.kernel.procfile import list_folder, read_file

__all__ = ["ANEW_S", "Holdings"]

ANEW_S = 60.0

_BEGUN = 19  # words behind the name in /proc/PID/stat (proc_pid_stat(5)): starttime


class _Process(NamedTuple):
    """A process that holds sockets.

    Attributes:
        begun: when, in the kernel's ticks: a later process may have the same pid.
        sockets: as ``read_sockets`` has them.
    """

    begun: bytes | None
    sockets: dict[str, int]


class Holdings:
    """The sockets of all processes, as far as we may look. ``look_again`` begins each look, the first one too.

    Args:
        proc_root: where /proc is.
        clock: seconds that never go back.
    """

    def __init__(self, proc_root: str = "/proc", clock: Callable[[], float] = time.monotonic) -> None:
        self._proc_root = proc_root
        self._clock = clock
        self._read_at = float("-inf")
        self._hidden = 0
        self._pids: set[int] = set()  # of all processes that have been looked into
        self._processes: dict[int, _Process] = {}
        self._holders: dict[int, int] = {}  # inode to the lowest pid
        self._nobody: set[int] = set()  # inodes that were looked for everywhere
        self._missing: set[int] = set()  # inodes that were looked for in this look
        self._missed: set[int] = set()  # and in the one before
        self._shown: set[int] = set()  # inodes that the dump has
        self._shown_before: set[int] = set()  # and that the one before had
        self._labels: dict[int, str] = {}
        self._searched = False  # in this look

    @property
    def hidden(self) -> int:
        """Processes that may not be looked into, as ``find_holders`` counts them; as of when all were read."""
        self._read_if_due()
        return self._hidden

    def look_again(self) -> None:
        """A look begins."""
        self._missing, self._missed = set(), self._missing
        self._shown, self._shown_before = set(), self._shown
        self._labels, self._searched = {}, False
        if self._is_due:
            return  # read when the first name is asked for
        left = (
            (pid, self._left_of(pid, one))
            for pid, one in self._processes.items()
            if not self._shown_before.isdisjoint(one.sockets.values())
        )
        self._processes = {pid: one for pid, one in left if one.sockets}
        self._index()

    def process(self, inode: int) -> str | None:
        """``name/pid`` of the holder with the lowest pid; None: nobody, or not visible.

        The first of a look that nobody is known to hold leads to a search; those after it are as that found them.
        """
        self._read_if_due()
        self._shown.add(inode)
        if not self._searched and inode not in self._holders and inode not in self._nobody:
            self.look_for({inode})
        pid = self._holders.get(inode)
        if pid is None:
            return None
        if pid not in self._labels:
            self._labels[pid] = process_label(pid, self._proc_root)
        return self._labels[pid]

    def unknown(self, shown: Iterable[int]) -> set[int]:
        """Which of the inodes that the dump shows are to be looked for when it is over. 0 is none."""
        self._read_if_due()
        inodes = set(shown)
        self._shown |= inodes
        return inodes - self._holders.keys() - self._nobody - {0}

    def look_for(self, inodes: set[int]) -> None:
        """Find the holders of these, where they have any."""
        self._searched = True
        missing = inodes - self._nobody
        for search in (self._search_changed_files, self._search_new_processes):
            if missing := missing - self._holders.keys():
                search()
        if missing & self._missed:
            self._read()
            self._nobody |= missing - self._holders.keys()
        self._missing |= inodes - self._holders.keys()

    @property
    def _is_due(self) -> bool:
        return self._clock() - self._read_at >= ANEW_S

    def _read_if_due(self) -> None:
        if self._is_due:
            self._read()

    def _read(self) -> None:
        """Everything anew."""
        pids = list_pids(self._proc_root)
        self._read_at = self._clock()
        self._hidden = unlisted(pids)
        self._pids, self._processes, self._nobody = set(pids), {}, set()
        for pid in pids:
            try:
                self._read_process(pid)
            except RefusedError:
                self._hidden += 1
        self._index()

    def _read_process(self, pid: int) -> None:
        begun = self._begun(pid)
        sockets = read_sockets(pid, self._proc_root)
        if sockets:
            self._processes[pid] = _Process(begun, sockets)

    def _left_of(self, pid: int, one: _Process) -> _Process:
        """The process less the files that it has no more; without any, if it has ended."""
        files = set(self._files(pid)) if self._begun(pid) == one.begun else set()
        if files.issuperset(one.sockets):
            return one
        return one._replace(sockets={file: inode for file, inode in one.sockets.items() if file in files})

    def _search_changed_files(self) -> None:
        gone = self._shown_before - self._shown
        for pid, one in self._processes.items():
            changed = [file for file in self._files(pid) if file not in one.sockets or one.sockets[file] in gone]
            try:
                one.sockets.update(sockets_among(f"{self._proc_root}/{pid}", changed))
            except RefusedError:  # it was not so before
                continue
        self._index()

    def _search_new_processes(self) -> None:
        pids = set(list_pids(self._proc_root))
        for pid in sorted(pids - self._pids):
            try:
                self._read_process(pid)
            except RefusedError:
                continue
        self._pids = pids
        self._index()

    def _index(self) -> None:
        self._holders = {
            inode: pid
            for pid in sorted(self._processes, reverse=True)
            for inode in self._processes[pid].sockets.values()
        }

    def _files(self, pid: int) -> list[str]:
        try:
            return [f"fd/{file}" for file in list_folder(f"{self._proc_root}/{pid}/fd")]
        except RefusedError:
            return []

    def _begun(self, pid: int) -> bytes | None:
        stat = read_file(f"{self._proc_root}/{pid}/stat")
        words = b"" if stat is None else stat.rpartition(b")")[2]
        return words.split()[_BEGUN] if words else None
