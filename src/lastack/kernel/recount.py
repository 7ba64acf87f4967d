"""Reads a Recount: the counting census, and the kernel's own counters."""

from lastack.kernel.census import count_states
from lastack.kernel.conntrack import read_conntrack_counters
from lastack.kernel.counters import read_counters
from lastack.kernel.namespaces import net_root
from lastack.kernel.sockstat import read_sockstat
from lastack.model.census import Tally
from lastack.model.recount import Recount

__all__ = ["every_counter", "read_recount"]


def read_recount(proc_root: str = "/proc") -> Recount:
    """Of the namespace that the calling thread is in.

    Raises:
        InputError: a file of /proc is not what the kernel writes.
        RefusedError: a file that everybody may read may not be read.
    """
    tally = Tally()
    taken = count_states(tally, proc_root=proc_root)
    root = net_root(proc_root)
    return Recount(tally.census().whole.states, taken.exact, every_counter(root), read_sockstat(root))


def every_counter(net_root: str) -> dict[str, dict[str, int]]:
    """As a sample has them: those of conntrack too, where it is loaded. Raises as ``read_counters``."""
    counters, tracking = read_counters(net_root), read_conntrack_counters(net_root)
    return counters if tracking is None else counters | {"Conntrack": tracking}
