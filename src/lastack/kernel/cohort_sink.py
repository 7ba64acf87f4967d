"""The sink of a sample: cohorts, listeners, and ports that are bound without a connection."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from lastack.kernel.decode import SKMEMINFO, address, attribute, cgroup_id, ip_version, port
from lastack.kernel.grouping import Lookup
from lastack.kernel.port_table import LOCAL_PORT, REMOTE_PORT, PortTable
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import EXPIRES, FAMILY, ROW, STATE, TIME_WAIT, Stretch
from lastack.model.census import TIME_WAIT_S, Timer
from lastack.model.cohorts import CLOSED_HERE, CohortKey, Counts, Mark
from lastack.model.sample import Listener

__all__ = ["CohortSink"]

_LISTEN, _CLOSE = 10, 7
_UNCONNECTED = {_LISTEN, _CLOSE}
_APART = {TIME_WAIT, *_UNCONNECTED}  # states whose rows are not counted as open connections
_NO_PORT, _OF_BIND = b"\0\0", b"\0\1"
_RETRANSMITS = 19  # offset into a message, as in ``stretch``
# A closed connection, as it is counted: family, two bytes that are the same in all, then where retransmissions stood,
# which a closed one has not, the seconds since the close; local port, remote port, both addresses. Of the two ports the
# ephemeral one is blank; an active opener's local port is 1 where bind() would have drawn it first.
_CLOSED = Struct("=BxxB 2s2s 32s")

_TIME_WAIT_MS = TIME_WAIT_S * 1000
_DROPS = slice(32, 36)  # SK_MEMINFO_DROPS, the ninth u32, include/uapi/linux/sock_diag.h

_RETRANSMISSION = 1  # idiag_timer
_TIMERS: dict[int, Timer] = {_RETRANSMISSION: "retransmission", 2: "keepalive", 4: "probe"}


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


# An open connection, as it is counted: family, local port, remote port, both addresses. The ephemeral port is empty, or
# of an active opener one byte where bind() would have drawn it first. With its state and its owner: uid, label of the
# process, attributes; None: no process holds it.
_OPEN = "=16x BBBB 2s2s 32s 24x II"  # family, state, timer, retransmissions; ports; addresses; uid, inode
_Ends = tuple[int, bytes, bytes, bytes]
_Owner = tuple[int, str | None, bytes] | None


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
        opened_ports: local ports of active openers, their two bytes read as a number of this machine.
    """

    def __init__(self, ephemeral: tuple[int, int], lookup: Lookup, listeners: Sequence[Listener] = ()) -> None:
        self._ephemeral = ephemeral
        self._lookup = lookup
        self._table: PortTable | None = None
        self._open: Counter[tuple[int, _Ends, _Owner, Timer | None]] = Counter()
        self._closed: Counter[tuple[bytes]] = Counter()  # as _ENDS has them, see _blank()
        self.listeners: list[Listener] = list(listeners)
        self.bound_ports: set[int] = set()
        self.opened_ports: set[int] = set()

    def add(self, stretch: Stretch) -> None:
        """Fold a stretch."""
        states = stretch.column(STATE)
        if states.count(TIME_WAIT) == stretch.messages:
            self._add_closed(stretch.rows, stretch.stride)
        elif _APART.isdisjoint(states):
            self._add_open(stretch.rows, stretch.stride)
        else:
            self._add_mixed(stretch, states)

    def _add_mixed(self, stretch: Stretch, states: bytes) -> None:
        """Listeners first: whose connections the others are hangs on them."""
        stride = stretch.stride
        kinds: dict[bool, list[memoryview]] = {}
        for at, state in enumerate(states):
            message = stretch.rows[at * stride : (at + 1) * stride]
            if state in _UNCONNECTED:
                self._add_unconnected(message)
            else:
                kinds.setdefault(state == TIME_WAIT, []).append(message)
        for closed, messages in kinds.items():
            add = self._add_closed if closed else self._add_open
            add(memoryview(b"".join(messages)), stride)

    def _add_unconnected(self, message: memoryview) -> None:
        row = _Row(*ROW.unpack_from(message))
        if row.state == _LISTEN:
            self.listeners.append(self._listener(row, bytes(message[ROW.size :])))
        elif row.remote_port == _NO_PORT:  # asked for as BOUND_INACTIVE, answered as CLOSE
            self.bound_ports.add(port(row.local_port))
        else:
            self._add_open(message, len(message))

    def _add_closed(self, rows: memoryview, stride: int) -> None:
        """Half a million rows are not rare, so nothing is done here to each that C cannot do to all."""
        for chunk, passive in self._by_role(rows, stride):
            self._blank(chunk, stride, passive=passive)
            layout = Struct(f"={FAMILY}x{_CLOSED.size}s{stride - FAMILY - _CLOSED.size}x")
            self._closed.update(layout.iter_unpack(chunk))

    def _by_role(self, rows: memoryview, stride: int) -> Iterator[tuple[bytearray, bool]]:
        """Copies of the rows, passive openers and active ones apart; mostly there are only such or such."""
        passive = self._ports().passive(rows, stride)
        if passive.count(passive[0]) == len(passive):
            yield bytearray(rows), bool(passive[0])
            return
        for role in set(passive):
            mine = [rows[at * stride : (at + 1) * stride] for at, one in enumerate(passive) if one == role]
            yield bytearray().join(mine), bool(role)

    def _blank(self, chunk: bytearray, stride: int, *, passive: bool) -> None:
        """Blank the ephemeral port of every row, and make room for the marks: see ``_CLOSED``."""
        left = memoryview(chunk).cast("I")[EXPIRES // 4 :: stride // 4].tolist()
        if max(left) > _TIME_WAIT_MS:
            left = [min(ms, _TIME_WAIT_MS) for ms in left]
        chunk[_RETRANSMITS::stride] = bytes([(_TIME_WAIT_MS - ms) // 1000 for ms in left])
        blank = bytes(len(left))
        if passive:
            chunk[REMOTE_PORT::stride] = chunk[REMOTE_PORT + 1 :: stride] = blank
        else:
            self.opened_ports.update(memoryview(chunk).cast("H")[LOCAL_PORT // 2 :: stride // 2].tolist())
            of_bind = self._ports().of_bind(memoryview(chunk), stride)
            chunk[LOCAL_PORT::stride] = blank
            chunk[LOCAL_PORT + 1 :: stride] = of_bind

    def _add_open(self, rows: memoryview, stride: int) -> None:
        ports, process = self._ports(), self._lookup.process
        layout = Struct(f"{_OPEN}{stride - ROW.size}s")
        roles = zip(ports.passive(rows, stride), ports.of_bind(rows, stride), strict=True)
        for (passive, of_bind), fields in zip(roles, layout.iter_unpack(rows), strict=True):
            family, state, timer, retransmits, local_port, remote_port, addresses, uid, inode, attributes = fields
            if passive:
                ends = (family, local_port, b"", addresses)
            else:
                ends = (family, b"\1" if of_bind else b"", remote_port, addresses)
                self.opened_ports.add(int.from_bytes(local_port, sys.byteorder))
            owner = (uid, process(inode), attributes) if inode else None
            self._open[state, ends, owner, _timer(timer, retransmits)] += 1

    def _ports(self) -> PortTable:
        if self._table is None:
            self._table = PortTable([listener.port for listener in self.listeners], self._ephemeral)
        return self._table

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
        for (row,), count in self._closed.items():
            family, age, local_port, remote_port, addresses = _CLOSED.unpack(row)
            passive = remote_port == _NO_PORT
            ends = (family, local_port, b"", addresses) if passive else (family, b"", remote_port, addresses)
            mark = Mark(age if age < TIME_WAIT_S else None, bind_parity=not passive and local_port == _OF_BIND)
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


def _timer(timer: int, retransmits: int) -> Timer | None:
    """A retransmission timer also runs before anything was sent again."""
    return None if timer == _RETRANSMISSION and not retransmits else _TIMERS.get(timer)


def _drops(attributes: bytes) -> int | None:
    meminfo = attribute(attributes, SKMEMINFO)
    return None if meminfo is None or len(meminfo) < _DROPS.stop else int.from_bytes(meminfo[_DROPS], sys.byteorder)
