"""Fills a Sample: everything that the doctor may want to know of a namespace, read in one go."""

import os
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from lastack.errors import LastackError
from lastack.kernel.bound_ports import read_bound_ports
from lastack.kernel.cohort_sink import CohortSink
from lastack.kernel.conntrack import read_conntrack
from lastack.kernel.grouping import Lookup
from lastack.kernel.host import read_host
from lastack.kernel.namespaces import current, net_root
from lastack.kernel.naming import Naming
from lastack.kernel.open_files import read_open_files
from lastack.kernel.proc_tcp import read_rows
from lastack.kernel.promises import read_promises
from lastack.kernel.protocols import read_memory_pressure
from lastack.kernel.recount import every_counter
from lastack.kernel.silence_sink import SilenceSink
from lastack.kernel.sock_diag import INFO, SKMEMINFO, SockDiagRefusedError, survey
from lastack.kernel.sockstat import read_sockstat
from lastack.kernel.sysctl import read_settings
from lastack.model.census import SocketRow
from lastack.model.cohorts import LIMIT, CohortKey, Counts, Marks, Roles, key_of, marks_of, to_cohorts
from lastack.model.sample import Cohort, Listener, Sample, Silence
from lastack.model.sysctl import port_range
from lastack.settings.names import LIFECYCLE
from lastack.tcp.states import CENSUS_MASK

if TYPE_CHECKING:
    from lastack.kernel.holdings import Holdings

__all__ = ["take_sample"]

_LISTEN = 1 << 10
_ALL_ELSE = CENSUS_MASK & ~_LISTEN
_FEW_WAITING = 20  # as many a busy program has while it closes; to ask for the age of each costs another walk
_MOST_HOLDERS = 50
_DEFAULT_PORT_RANGE = 32_768, 60_999  # since Linux 4.2; judges roles where the setting is hidden


class _Sockets(NamedTuple):
    source: str
    exact: bool
    counts: Counts
    listeners: list[Listener]
    opened_ports: int
    bound_ports: list[int] | None
    silences: list[Silence] | None
    unseen: dict[str, str]


def take_sample(
    name: str | None = None, *, rows: int = LIMIT, holdings: "Holdings | None" = None, proc_root: str = "/proc"
) -> Sample:
    """Sample the namespace that the calling thread is in.

    Args:
        name: what the namespace was asked for by, if it was.
        rows: cohorts to keep apart.
        holdings: kept from one sample to the next, it saves most of the search for who holds which socket.
        proc_root: where /proc is.

    Raises:
        InputError: a file of /proc is not what the kernel writes.
        RefusedError: a file that everybody may read may not be read.
    """
    host = read_host(f"{proc_root}/sys")
    settings, unreadable = read_settings(LIFECYCLE, f"{proc_root}/sys")
    ports = port_range(settings) or _DEFAULT_PORT_RANGE
    naming = Naming(proc_root, holdings)
    sockets = _sockets(ports, naming.lookup, proc_root)
    counters_root = net_root(proc_root)
    hidden = naming.hidden
    cohorts = to_cohorts(sockets.counts, rows)
    promises, unread = read_promises(sys_root=f"{proc_root}/sys")
    return Sample(
        taken_at=host.taken_at,
        uptime_s=host.uptime_s,
        host=host.name,
        kernel=host.kernel,
        boot_id=host.boot_id,
        netns=current(proc_root),
        netns_name=name,
        source="sock_diag" if sockets.source == "sock_diag" else "proc",
        exact=sockets.exact,
        cohorts=cohorts,
        has_timers=True,
        silences=sockets.silences,
        listeners=sorted(sockets.listeners, key=lambda listener: (listener.port, listener.family, listener.address)),
        opened_ports=sockets.opened_ports,
        bound_ports=sockets.bound_ports,
        counters=every_counter(counters_root),
        sockstat=read_sockstat(counters_root),
        memory_pressure=read_memory_pressure(counters_root),
        settings=settings,
        conntrack=read_conntrack(f"{proc_root}/sys"),
        files=read_open_files(_holders(cohorts, sockets.listeners), proc_root),
        promises=promises,
        unseen=sockets.unseen | unreadable | _hidden(hidden) | ({"sysctl files": unread} if unread else {}),
    )


def _holders(cohorts: list[Cohort], listeners: list[Listener]) -> list[str]:
    """The processes with most sockets here: to ask for the files of all would take as long as to find them."""
    sockets: Counter[str] = Counter()
    for one in cohorts:
        if one.process is not None:
            sockets[one.process] += one.count
    sockets.update(one.process for one in listeners if one.process is not None)
    return [process for process, _ in sockets.most_common(_MOST_HOLDERS)]


def _hidden(processes: int) -> dict[str, str]:
    if not processes:
        return {}
    privilege = "; root sees more" if os.geteuid() else ""
    one, many = (
        "1 process does not show the sockets it holds",
        f"{processes} processes do not show the sockets they hold",
    )
    who = one if processes == 1 else many
    return {"processes": f"{who}{privilege}"}


def _sockets(ports: tuple[int, int], lookup: Lookup, proc_root: str) -> _Sockets:
    try:
        doors, _ = survey(lambda: CohortSink(ports, lookup), _LISTEN, extension=SKMEMINFO)
        sink, exact = survey(lambda: CohortSink(ports, lookup, doors.listening), _ALL_ELSE)
        lookup.settle(doors.inodes() | sink.inodes())
        listeners, counts = doors.listeners(), sink.counts()
        silences = _silences(counts, lookup)
        bound_ports = read_bound_ports(_crowd(counts))
    except SockDiagRefusedError as error:
        return _sockets_from_proc(ports, lookup, proc_root, error)
    return _Sockets("sock_diag", exact, counts, listeners, len(sink.opened_ports), bound_ports, silences, unseen={})


def _crowd(counts: Counts) -> int:
    """How many connections the most crowded listener's port has."""
    by_port: Counter[int] = Counter()
    for key, marks in counts.items():
        if key.local_port is not None:
            by_port[key.local_port] += marks.count
    return max(by_port.values(), default=0)


def _silences(counts: Counts, lookup: Lookup) -> list[Silence] | None:
    """Those of sockets in ``SilenceSink.STATES``, if there are enough of them to be worth another walk."""
    waiting = sum(marks.count for key, marks in counts.items() if key.state in SilenceSink.STATES and not key.orphan)
    if waiting < _FEW_WAITING:
        return None
    sink, _ = survey(lambda: SilenceSink(lookup), SilenceSink.MASK, extension=INFO)
    return sink.silences()


def _sockets_from_proc(ports: tuple[int, int], lookup: Lookup, proc_root: str, refused: LastackError) -> _Sockets:
    warnings: list[str] = []
    read = list(read_rows(proc_root, warnings))
    lookup.settle({inode for _, inode in read})
    rows = [(row._replace(process=lookup.process(inode) if inode else None), inode) for row, inode in read]
    listeners = [_listener(row) for row, _ in rows if row.state == "LISTEN"]
    roles = Roles([listener.port for listener in listeners], ports)
    counts: dict[CohortKey, Marks] = {}
    opened_ports = set()
    for row, inode in rows:
        if row.state != "LISTEN":
            key = key_of(row, roles, held=inode != 0)
            counts.setdefault(key, Marks()).add(marks_of(row, roles))
            if key.local_port is None:
                opened_ports.add(row.local_port)
    unseen = {"sock_diag": "; ".join([refused.message, *warnings])}
    return _Sockets(
        "proc",
        exact=True,
        counts=counts,
        listeners=listeners,
        opened_ports=len(opened_ports),
        bound_ports=None,
        silences=None,
        unseen=unseen,
    )


def _listener(row: SocketRow) -> Listener:
    return Listener(
        family=row.family or 4,
        address=row.local or "*",
        port=row.local_port or 0,
        queue=None,
        backlog=None,
        process=row.process,
        uid=row.uid,
    )
