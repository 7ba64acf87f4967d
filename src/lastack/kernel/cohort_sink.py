"""The sink of a sample: cohorts, listeners, and ports that are bound without a connection."""

import struct
import sys
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lastack.kernel.decode import SKMEMINFO, address, attribute, cgroup_id, ip_version, port
from lastack.kernel.grouping import Lookup
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import EXPIRES, ROW, STATE, TIME_WAIT, Stretch
from lastack.model.census import TIME_WAIT_S, Timer
from lastack.model.cohorts import CLOSED_HERE, EPHEMERAL, LISTENING, SERVICE, CohortKey, Counts, Mark, Roles
from lastack.model.sample import Listener

__all__ = ["CohortSink"]

_LISTEN, _CLOSE = 10, 7
_NO_PORT = b"\0\0"
_TIME_WAIT_MS = TIME_WAIT_S * 1000
_DROPS = slice(32, 36)  # SK_MEMINFO_DROPS, the ninth u32, include/uapi/linux/sock_diag.h

# idiag_timer. A retransmission timer also runs before anything was sent again.
_TIMERS: dict[int, Timer] = {1: "retransmission", 2: "keepalive", 4: "probe"}


class _Row(NamedTuple):
    """struct inet_diag_msg, include/uapi/linux/inet_diag.h."""

    family: int
    state: int
    timer: int
    retransmits: int
    local_port: bytes
    remote_port: bytes
    local: bytes
    remote: bytes
    interface: int
    cookie: bytes
    expires: int
    receive_queue: int
    write_queue: int
    uid: int
    inode: int


# Keys as they are in the rows, the ephemeral port blanked out: family, local port, remote port, both addresses. What is
# left of an active opener's local port is one byte where bind() would have drawn it first, and else none. For an open
# connection also its state and its owner: uid, label of the process, attributes; None: no process holds it.
_Ends = tuple[int, bytes, bytes, bytes]
_Owner = tuple[int, str | None, bytes] | None


class _Kinds(dict[bytes, int]):
    """``Roles.kind`` of a port in network order."""

    def __init__(self, roles: Roles) -> None:
        super().__init__()
        self._roles = roles

    def __missing__(self, port: bytes) -> int:
        self[port] = kind = self._roles.kind(int.from_bytes(port, "big"))
        return kind


class _Blanks(dict[bytes, bytes]):
    """What is left of an ephemeral port in network order."""

    def __init__(self, roles: Roles) -> None:
        super().__init__()
        self._roles = roles

    def __missing__(self, port: bytes) -> bytes:
        self[port] = left = b"\1" if self._roles.is_of_bind(int.from_bytes(port, "big")) else b""
        return left


class CohortSink:
    """Folds rows into cohorts as they come.

    The kernel lists listeners before connections (inet_diag_dump_icsk, net/ipv4/inet_diag.c), so when a connection
    comes, its role can be told.

    Args:
        ephemeral: first and last port of ``ip_local_port_range``.
        lookup: names for inodes and cgroup ids.
        listeners: those that an earlier dump found.

    Attributes:
        listeners: the listening sockets.
        bound_ports: local ports of sockets that are bound and nothing else.
    """

    def __init__(self, ephemeral: tuple[int, int], lookup: Lookup, listeners: Sequence[Listener] = ()) -> None:
        self._ephemeral = ephemeral
        self._lookup = lookup
        self._ports: tuple[_Kinds, _Blanks] | None = None
        self._open: Counter[tuple[int, _Ends, _Owner, Timer | None]] = Counter()
        self._closed: Counter[tuple[int, bytes, bytes, bytes, int]] = Counter()  # ends, seconds since the close
        self._formats: dict[int, struct.Struct] = {}
        self.listeners: list[Listener] = list(listeners)
        self.bound_ports: set[int] = set()

    def add(self, stretch: Stretch) -> None:
        """Fold a stretch."""
        states = stretch.column(STATE)
        if states.count(TIME_WAIT) == stretch.messages:
            self._add_closed(stretch.rows, stretch.stride)
            return
        for at, state in enumerate(states):
            message = stretch.rows[at * stretch.stride : (at + 1) * stretch.stride]
            if state == TIME_WAIT:
                self._add_closed(message, stretch.stride)
            else:
                self._add_open(_Row(*ROW.unpack_from(message)), bytes(message[ROW.size :]))

    def _add_closed(self, rows: memoryview, stride: int) -> None:
        """The hot loop: half a million rows are not rare."""
        kinds, blanks = self._tables()
        layout = self._formats.get(stride)
        if layout is None:
            layout = self._formats[stride] = struct.Struct(f"=16xB3x 2s2s 32s 12xI {stride - EXPIRES - 4}x")
        self._closed.update(
            [
                (family, sport, b"", addresses, (_TIME_WAIT_MS - left) // 1000)
                if (kind := kinds[sport]) == LISTENING or (kind == SERVICE and kinds[dport] == EPHEMERAL)
                else (family, blanks[sport], dport, addresses, (_TIME_WAIT_MS - left) // 1000)
                for family, sport, dport, addresses, left in layout.iter_unpack(rows)
            ]
        )

    def _add_open(self, row: _Row, attributes: bytes) -> None:
        if row.state == _LISTEN:
            self.listeners.append(self._listener(row, attributes))
            return
        if row.state == _CLOSE and row.remote_port == _NO_PORT:  # asked for as BOUND_INACTIVE, answered as CLOSE
            self.bound_ports.add(port(row.local_port))
            return
        kinds, blanks = self._tables()
        kind = kinds[row.local_port]
        passive = kind == LISTENING or (kind == SERVICE and kinds[row.remote_port] == EPHEMERAL)
        ports = (row.local_port, b"") if passive else (blanks[row.local_port], row.remote_port)
        owner = (row.uid, self._lookup.process(row.inode), attributes) if row.inode else None
        self._open[row.state, (row.family, *ports, row.local + row.remote), owner, _timer(row)] += 1

    def _tables(self) -> tuple[_Kinds, _Blanks]:
        if self._ports is None:
            roles = Roles([listener.port for listener in self.listeners], self._ephemeral)
            self._ports = _Kinds(roles), _Blanks(roles)
        return self._ports

    def _listener(self, row: _Row, attributes: bytes) -> Listener:
        return Listener(
            family=ip_version(row.family),
            address=address(row.family, row.local),
            port=port(row.local_port),
            queue=row.receive_queue,
            backlog=row.write_queue,
            process=self._lookup.process(row.inode),
            uid=row.uid,
            cgroup=self._cgroup(attributes),
            drops=_drops(attributes),
        )

    def counts(self) -> Counts:
        """Sockets by cohort and mark."""
        counts: dict[CohortKey, Counter[Mark]] = {}
        for (state, ends, owner, timer), count in self._open.items():
            mark = Mark(timer=timer, bind_parity=len(ends[1]) == 1)
            counts.setdefault(self._key(state, ends, owner), Counter())[mark] += count
        closed: dict[_Ends, Counter[Mark]] = {}
        for (family, local_port, remote_port, addresses, age), count in self._closed.items():
            ends = (family, local_port if len(local_port) > 1 else b"", remote_port, addresses)
            mark = Mark(max(age, 0) if age < TIME_WAIT_S else None, bind_parity=len(local_port) == 1)
            closed.setdefault(ends, Counter())[mark] += count
        return counts | {self._key(TIME_WAIT, ends, None): marks for ends, marks in closed.items()}

    def _key(self, state: int, ends: _Ends, owner: _Owner) -> CohortKey:
        family, local_port, remote_port, addresses = ends
        uid, process, attributes = owner or (None, None, b"")
        return CohortKey(
            state=state_name(state),
            family=ip_version(family),
            local=address(family, addresses[:16]),
            local_port=port(local_port) if len(local_port) > 1 else None,
            remote=address(family, addresses[16:]),
            remote_port=port(remote_port) if remote_port else None,
            process=process,
            uid=uid,
            cgroup=self._cgroup(attributes),
            orphan=owner is None and state_name(state) in CLOSED_HERE,
        )

    def _cgroup(self, attributes: bytes) -> str | None:
        number = cgroup_id(attributes)
        return None if number is None else self._lookup.cgroup(number)


def _timer(row: _Row) -> Timer | None:
    timer = _TIMERS.get(row.timer)
    return None if timer == "retransmission" and not row.retransmits else timer


def _drops(attributes: bytes) -> int | None:
    meminfo = attribute(attributes, SKMEMINFO)
    return None if meminfo is None or len(meminfo) < _DROPS.stop else int.from_bytes(meminfo[_DROPS], sys.byteorder)
