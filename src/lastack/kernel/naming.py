"""Names for the numbers of a dump: processes by inode, cgroups by id, looked up only where a census shows them."""

from functools import cached_property
from typing import TYPE_CHECKING

from lastack.kernel.cgroups import CgroupPaths, find_cgroup_mount
from lastack.kernel.grouping import Lookup
from lastack.kernel.processes import Holders, find_holders, process_label

if TYPE_CHECKING:
    from lastack.kernel.holdings import Holdings

__all__ = ["Naming"]


class Naming:
    """Looks names up once, when the first one is asked for.

    Args:
        proc_root: where /proc is.
        holdings: what an earlier look has found; a new one begins here.
    """

    def __init__(self, proc_root: str = "/proc", holdings: "Holdings | None" = None) -> None:
        self._proc_root = proc_root
        self._holdings = holdings
        self._labels: dict[int, str] = {}
        if holdings:
            holdings.look_again()

    @property
    def lookup(self) -> Lookup:
        """All lookups, as a sample or a census takes them."""
        if self._holdings:
            return Lookup(self._holdings.holder, self._label, self.cgroup, self._holdings.settle)
        return Lookup(self._holder, self._label, self.cgroup)

    @property
    def hidden(self) -> int:
        """Processes that do not show their sockets."""
        return (self._holdings or self._holders).hidden

    def _holder(self, inode: int) -> int | None:
        return self._holders.pids.get(inode)

    def _label(self, pid: int) -> str:
        if pid not in self._labels:
            self._labels[pid] = process_label(pid, self._proc_root)
        return self._labels[pid]

    def cgroup(self, number: int) -> str | None:
        """The cgroup's path; None where no cgroup2 is mounted."""
        return self._cgroups.path(number) if self._cgroups else None

    @cached_property
    def _holders(self) -> Holders:
        """Every process's sockets, as far as we may look."""
        return find_holders(self._proc_root)

    @cached_property
    def _cgroups(self) -> CgroupPaths | None:
        mount = find_cgroup_mount(self._proc_root)
        return CgroupPaths(mount) if mount else None
