"""The sink of a sample: cohorts, listeners, and ports that are bound without a connection."""

import sys
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from struct import Struct
from typing import NamedTuple

from lastack.kernel.closed_sink import Closed, ClosedSink
from lastack.kernel.decode import SKMEMINFO, address, attribute, cgroup_id, ip_version, port
from lastack.kernel.grouping import Lookup
from lastack.kernel.port_table import PortTable
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import ROW, STATE, TIME_WAIT, Stretch
from lastack.model.census import Timer
from lastack.model.cohorts import CLOSED_HERE, CohortKey, Counts, Mark
from lastack.model.sample import Listener

__all__ = ["CohortSink"]

_LISTEN, _CLOSE = 10, 7
_UNCONNECTED = {_LISTEN, _CLOSE}
_APART = {TIME_WAIT, *_UNCONNECTED}  # states whose rows are not counted as open connections
_NO_PORT = b"\0\0"
_INODE = 84  # offset into a message, as in ``stretch``
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

    A connection's role hangs on the listeners, so they are poured in first, or given.

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
        self._open: Counter[tuple[int, _Ends, _Owner, Timer | None]] = Counter()
        self._unknown: set[int] = set()  # inodes
        self._later: dict[int, list[bytes]] = {}  # messages with these, by length
        self.listeners: list[Listener] = list(listeners)
        self.bound_ports: set[int] = set()
        self.opened_ports: set[int] = set()

    def add(self, stretch: Stretch) -> None:
        """Fold a stretch."""
        states = stretch.column(STATE)
        if states.count(TIME_WAIT) == stretch.messages:
            self._closed.add(stretch.rows, stretch.stride)
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
            add = self._closed.add if closed else self._add_open
            add(memoryview(b"".join(messages)), stride)

    def _add_unconnected(self, message: memoryview) -> None:
        row = _Row(*ROW.unpack_from(message))
        if row.state == _LISTEN:
            self.listeners.append(self._listener(row, bytes(message[ROW.size :])))
        elif row.remote_port == _NO_PORT:  # asked for as BOUND_INACTIVE, answered as CLOSE
            self.bound_ports.add(port(row.local_port))
        else:
            self._add_open(message, len(message))

    def _add_open(self, rows: memoryview, stride: int) -> None:
        """Fold connections; those whose holder is to be looked for yet are put off."""
        inodes = rows.cast("I")[_INODE // 4 :: stride // 4].tolist()
        unknown = self._lookup.unknown(inodes)
        if not unknown:
            self._fold_open(rows, stride)
            return
        self._unknown |= unknown
        known: list[memoryview] = []
        later = self._later.setdefault(stride, [])
        for at, inode in enumerate(inodes):
            message = rows[at * stride : (at + 1) * stride]
            if inode in unknown:
                later.append(bytes(message))
            else:
                known.append(message)
        if known:
            self._fold_open(memoryview(b"".join(known)), stride)

    def _fold_open(self, rows: memoryview, stride: int) -> None:
        ports, process = self._ports, self._lookup.process
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

    @cached_property
    def _ports(self) -> PortTable:
        """Made when the first connection comes: by then the listeners are known."""
        return PortTable([listener.port for listener in self.listeners], self._ephemeral)

    @cached_property
    def _closed(self) -> ClosedSink:
        return ClosedSink(self._ports, self.opened_ports)

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
        if self._unknown:
            self._lookup.look_for(self._unknown)
            for stride, messages in self._later.items():
                self._fold_open(memoryview(b"".join(messages)), stride)
            self._unknown, self._later = set(), {}
        counts: dict[CohortKey, Counter[Mark]] = {}
        for (state, ends, owner, timer), count in self._open.items():
            mark = Mark(timer=timer, bind_parity=len(ends[1]) == 1)
            counts.setdefault(self._key(state, ends, owner), Counter())[mark] += count
        return counts | {_closed_key(ends): marks for ends, marks in self._closed.counts().items()}

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


def _closed_key(ends: Closed) -> CohortKey:
    return CohortKey(
        state=state_name(TIME_WAIT),
        family=ip_version(ends.family),
        local=address(ends.family, ends.local),
        local_port=ends.local_port,
        remote=address(ends.family, ends.remote),
        remote_port=ends.remote_port,
    )


def _timer(timer: int, retransmits: int) -> Timer | None:
    """A retransmission timer also runs before anything was sent again."""
    return None if timer == _RETRANSMISSION and not retransmits else _TIMERS.get(timer)


def _drops(attributes: bytes) -> int | None:
    meminfo = attribute(attributes, SKMEMINFO)
    return None if meminfo is None or len(meminfo) < _DROPS.stop else int.from_bytes(meminfo[_DROPS], sys.byteorder)
