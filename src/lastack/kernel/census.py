"""A namespace's TCP sockets poured into a tally: sock_diag where it is, /proc/net/tcp where it is not."""

import os
from typing import TYPE_CHECKING, NamedTuple

from lastack.kernel.namespaces import net_root
from lastack.kernel.sock_diag import SockDiagRefusedError, survey
from lastack.kernel.sockstat import time_wait_minisockets
from lastack.kernel.state_sink import StateSink
from lastack.kernel.stretch import TIME_WAIT
from lastack.model.census import SocketRow, Tally
from lastack.tcp.states import CENSUS_MASK

if TYPE_CHECKING:
    from lastack.kernel.grouping import KeySink, Lookup

__all__ = ["Taken", "count_states", "take"]

INTERRUPTED = "the kernel interrupted every dump: sockets may be missing or counted twice"


class Taken(NamedTuple):
    """How a tally was filled.

    Attributes:
        source: ``sock_diag`` or ``proc``.
        has_timers: whether TIME_WAIT timers were read.
        exact: False where every dump was interrupted.
        warnings: what a reader of the numbers must know.
    """

    source: str
    has_timers: bool
    exact: bool = True
    warnings: tuple[str, ...] = ()


def count_states(tally: Tally, *, proc_root: str = "/proc") -> Taken:
    """Count states alone by the fastest exact road.

    The dump leaves TIME_WAIT out: the kernel keeps their number (sockstat's ``tw``), which counts every time-wait
    mini-socket, orphan FIN_WAIT2 among them; these are in the dump and are taken off again.

    Raises:
        InputError: /proc is not what the kernel writes.
    """
    try:
        sink, exact = survey(StateSink, CENSUS_MASK & ~(1 << TIME_WAIT))
    except SockDiagRefusedError as error:
        return _from_proc(tally, proc_root, error)
    mini_sockets = time_wait_minisockets(net_root(proc_root)) if _own_time_wait_count(proc_root) else None
    if mini_sockets is None:
        return take(tally, proc_root=proc_root, timeline=False)
    sink.pour(tally)
    # On a busy host the two numbers are of slightly different moments.
    if mini_sockets > sink.mini_fin_wait2:
        tally.add(SocketRow("TIME_WAIT"), mini_sockets - sink.mini_fin_wait2)
    return _taken(exact=exact, has_timers=False)


def take(
    tally: Tally,
    lookup: "Lookup | None" = None,
    *,
    netns: str | None = None,
    most: int = 0,
    timeline: bool = True,
    proc_root: str = "/proc",
) -> Taken:
    """Count every socket, by the tally's dimensions, with the closes of the last minute.

    Args:
        tally: where to.
        lookup: names for inodes and cgroup ids.
        netns: what the namespace is called in the tally.
        most: groups that will be shown; the smaller ones need not be told apart. 0: all.
        timeline: read the TIME_WAIT timers.
        proc_root: where /proc is.

    Raises:
        InputError: /proc is not what the kernel writes.
    """

    def new_sink() -> "KeySink | StateSink":
        if not tally.by:
            return StateSink(timeline=timeline)
        from lastack.kernel.grouping import KeySink  # noqa: PLC0415 - states alone start up without it

        return KeySink(tally.by, lookup, netns)

    try:
        sink, exact = survey(new_sink, CENSUS_MASK)
    except SockDiagRefusedError as error:
        return _from_proc(tally, proc_root, error, lookup, netns)
    sink.pour(tally, most)
    return _taken(exact=exact, has_timers=timeline)


def _taken(*, exact: bool, has_timers: bool) -> Taken:
    return Taken("sock_diag", has_timers, exact, () if exact else (INTERRUPTED,))


def _own_time_wait_count(proc_root: str) -> bool:
    """Whether sockstat's ``tw`` speaks of this namespace alone.

    It does since the count moved into the namespace, together with tcp_max_tw_buckets, commit 1946e672c173
    ("ipv4: Namespaceify tcp_tw_recycle and tcp_max_tw_buckets knob") (in v4.11), one release before tcp_tw_recycle
    went. Older kernels still have that key in the first namespace, and neither in others.
    """
    ipv4 = f"{proc_root}/sys/net/ipv4"
    return os.path.exists(f"{ipv4}/tcp_max_tw_buckets") and not os.path.exists(f"{ipv4}/tcp_tw_recycle")


def _from_proc(
    tally: Tally,
    proc_root: str,
    refused: SockDiagRefusedError,
    lookup: "Lookup | None" = None,
    netns: str | None = None,
) -> Taken:
    from lastack.kernel.proc_tcp import read_rows  # noqa: PLC0415 - rarely needed

    warnings = [f"{refused.message}; counted from {proc_root}/net/tcp instead"]
    for row, inode in read_rows(proc_root, warnings):
        process = lookup.process(inode) if lookup and inode else None
        tally.add(row._replace(process=process, netns=netns))
    return Taken("proc", has_timers=True, warnings=tuple(warnings))
