"""Who holds which socket, for one who looks again and again: what was found is remembered, only what is new looked for.

To read what every open file of every process is, is most of what a sample of some thousand connections takes. But a
socket keeps its inode for life, and nearly always its file in its process. So when a dump has shown the sockets, the
files of those processes that are known to hold some of them are only listed, and read where they are new, or where
their socket is gone. So are those of processes that are new, and, for sockets that nobody is known to hold then, of the
others in this network namespace. A socket that turns up somewhere else may have been handed on, so where it was is read
again.

One that is still missing has mostly been closed meanwhile. If nobody held it before it has no name; if the next look
shows it still, everything is read anew, as it is every five minutes in any case.

So a name is out of date in one case, and for so long at most: where a process has handed its socket on to one that had
none of this namespace, closed it, and opened something else under the same number.
"""

import time
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.namespaces import current, of_process
from lastack.kernel.processes import list_files, list_pids, read_sockets, sockets_among, unlisted
from lastack.kernel.procfile import read_file

__all__ = ["ANEW_S", "Holdings"]

ANEW_S = 300.0

_BEGUN = 19  # words behind the name in /proc/PID/stat (proc_pid_stat(5)): starttime


class _Process(NamedTuple):
    """A process that holds sockets.

    Attributes:
        begun: when, in the kernel's ticks: a later process may have the same pid.
        netns: its network namespace when it was read; None: not told.
        sockets: as ``read_sockets`` has them.
    """

    begun: bytes | None
    netns: str | None
    sockets: dict[str, int]


class Holdings:
    """The sockets of all processes, as far as we may look.

    A look is ``look_again``, a dump, ``settle`` with the inodes that it shows, and then ``holder`` for each.

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
        self._missing: set[int] = set()  # inodes that the last look did not find
        self._shown: set[int] = set()  # inodes that the last dump had

    @property
    def hidden(self) -> int:
        """Processes that may not be looked into, as ``find_holders`` counts them; as of when all were read."""
        if self._is_due:
            self._read()
        return self._hidden

    def look_again(self) -> None:
        """A look begins: a process that has ended holds nothing."""
        ended = [pid for pid in self._holding(self._shown) if self._begun(pid) != self._processes[pid].begun]
        for pid in ended:
            del self._processes[pid]
        if ended:
            self._index()

    def settle(self, shown: AbstractSet[int]) -> None:
        """Find the holders of the sockets that a dump has shown. 0 is none."""
        if self._is_due:
            self._read()
        else:
            self._catch_up(shown)
        self._shown = set(shown)

    def holder(self, inode: int) -> int | None:
        """The lowest pid of those who hold a socket; None: nobody, or not visible."""
        return self._holders.get(inode)

    @property
    def _is_due(self) -> bool:
        return self._clock() - self._read_at >= ANEW_S

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

    def _read_process(self, pid: int) -> dict[str, int]:
        begun = self._begun(pid)
        sockets = read_sockets(pid, self._proc_root)
        if sockets:
            self._processes[pid] = _Process(begun, of_process(pid, self._proc_root), sockets)
        return sockets

    def _catch_up(self, shown: AbstractSet[int]) -> None:
        before, gone = self._holders, self._shown - shown
        known = self._holding(shown)
        found = self._read_new_processes() | self._refresh(known, gone)
        if self._unheld(shown):
            found |= self._refresh(self._here() - known, gone)
        self._look_back(found & before.keys())
        missing = self._unheld(shown)
        if missing & self._missing:
            self._read()
            self._nobody |= self._unheld(shown)
        self._missing = missing
        # What is held no more and is nobody else's was closed after the dump had shown it.
        self._holders = {inode: before[inode] for inode in missing & before.keys()} | self._holders

    def _holding(self, shown: AbstractSet[int]) -> set[int]:
        """The processes that hold some of these sockets."""
        return {pid for pid, one in self._processes.items() if not shown.isdisjoint(one.sockets.values())}

    def _here(self) -> set[int]:
        """The processes that are in our network namespace: sockets of others are nearly always elsewhere."""
        here = {None, current(self._proc_root)}
        return {pid for pid, one in self._processes.items() if one.netns in here}

    def _unheld(self, shown: AbstractSet[int]) -> set[int]:
        return set(shown - self._holders.keys() - self._nobody - {0})

    def _refresh(self, pids: Iterable[int], gone: AbstractSet[int]) -> set[int]:
        """Take notice of files that were closed, and read those that are new or whose socket is gone.

        Gives the sockets that were found where they were not before.
        """
        found: set[int] = set()
        for pid in pids:
            files, one = self._files(pid), self._processes[pid]
            kept = {file: inode for file, inode in one.sockets.items() if file in files and inode not in gone}
            new = self._sockets_among(pid, files - kept.keys())
            self._processes[pid] = one._replace(sockets=kept | new)
            found.update(new.values())
        self._index()
        return found

    def _read_new_processes(self) -> set[int]:
        """Gives the sockets that were found."""
        pids = set(list_pids(self._proc_root))
        found: set[int] = set()
        for pid in pids - self._pids:
            with suppress(RefusedError):
                found.update(self._read_process(pid).values())
        self._pids = pids
        return found

    def _look_back(self, elsewhere: AbstractSet[int]) -> None:
        """Read the files again that these sockets are known by, as they were found elsewhere, too."""
        for pid, one in self._processes.items():
            doubtful = {file for file, inode in one.sockets.items() if inode in elsewhere}
            if doubtful:
                kept = {file: inode for file, inode in one.sockets.items() if file not in doubtful}
                self._processes[pid] = one._replace(sockets=kept | self._sockets_among(pid, doubtful))
        if elsewhere:
            self._index()

    def _index(self) -> None:
        self._holders = {}
        for pid in sorted(self._processes, reverse=True):
            self._holders.update(dict.fromkeys(self._processes[pid].sockets.values(), pid))

    def _files(self, pid: int) -> set[str]:
        with suppress(RefusedError):  # it was not so before
            return set(list_files(pid, self._proc_root))
        return set()

    def _sockets_among(self, pid: int, files: Iterable[str]) -> dict[str, int]:
        with suppress(RefusedError):
            return sockets_among(pid, files, self._proc_root)
        return {}

    def _begun(self, pid: int) -> bytes | None:
        stat = read_file(f"{self._proc_root}/{pid}/stat")
        words = b"" if stat is None else stat.rpartition(b")")[2]
        return words.split()[_BEGUN] if words else None
