"""The sink of a sample: cohorts and listeners."""

import sys
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from lastack.kernel.closed_sink import Closed, ClosedSink
from lastack.kernel.decode import SKMEMINFO, address, attribute, ip_version, port
from lastack.kernel.grouping import Lookup
from lastack.kernel.open_sink import OpenSink
from lastack.kernel.port_table import PortTable
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import ROW, STATE, TIME_WAIT, Stretch
from lastack.model.cohorts import CohortKey, Counts
from lastack.model.sample import Listener

__all__ = ["CohortSink"]

_LISTEN = 10
_APART = {TIME_WAIT, _LISTEN}  # states whose rows are not counted as open connections
_DROPS = slice(32, 36)  # SK_MEMINFO_DROPS, the ninth u32, include/uapi/linux/sock_diag.h


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


class CohortSink:
    """Folds rows into cohorts.

    A connection's role hangs on the listeners, so they are poured in first, or given.

    Args:
        ephemeral: first and last port of ``ip_local_port_range``.
        lookup: names for inodes and cgroup ids.
        listening: ports of listeners that an earlier dump found.

    Attributes:
        listening: ports of all listeners.
        opened_ports: local ports of active openers, their two bytes read as a number of this machine; complete after
            ``counts``.
    """

    def __init__(self, ephemeral: tuple[int, int], lookup: Lookup, listening: Iterable[int] = ()) -> None:
        self._ephemeral = ephemeral
        self._lookup = lookup
        self._listeners: list[tuple[_Row, bytes]] = []  # with their attributes
        self.listening = set(listening)
        self.opened_ports: set[int] = set()
        self._open = OpenSink(lookup, self.opened_ports)

    def add(self, stretch: Stretch) -> None:
        """Take a stretch."""
        states = stretch.column(STATE)
        if states.count(TIME_WAIT) == stretch.messages:
            self._closed.add(stretch.rows, stretch.stride)
        elif _APART.isdisjoint(states):
            self._open.add(stretch.rows, stretch.stride)
        else:
            self._add_mixed(stretch, states)

    def _add_mixed(self, stretch: Stretch, states: bytes) -> None:
        """Listeners first: whose connections the others are hangs on them."""
        stride = stretch.stride
        kinds: dict[bool, list[memoryview]] = {}
        for at, state in enumerate(states):
            message = stretch.rows[at * stride : (at + 1) * stride]
            if state == _LISTEN:
                self._add_listener(message)
            else:
                kinds.setdefault(state == TIME_WAIT, []).append(message)
        for closed, messages in kinds.items():
            add = self._closed.add if closed else self._open.add
            add(memoryview(b"".join(messages)), stride)

    def _add_listener(self, message: memoryview) -> None:
        row = _Row(*ROW.unpack_from(message))
        self._listeners.append((row, bytes(message[ROW.size :])))
        self.listening.add(port(row.local_port))

    @cached_property
    def _ports(self) -> PortTable:
        """Made when the first connection comes: by then the listeners are known."""
        return PortTable(self.listening, self._ephemeral)

    @cached_property
    def _closed(self) -> ClosedSink:
        return ClosedSink(self._ports, self.opened_ports)

    def inodes(self) -> set[int]:
        """Those of all sockets that may have a holder; 0 is none."""
        return self._open.inodes() | {row.inode for row, _ in self._listeners}

    def counts(self) -> Counts:
        """Sockets by cohort."""
        closed = {_closed_key(ends): marks for ends, marks in self._closed.counts().items()}
        return self._open.counts(self._ports) | closed

    def listeners(self) -> list[Listener]:
        """The listening sockets that were poured in here."""
        return [self._listener(row, attributes) for row, attributes in self._listeners]

    def _listener(self, row: _Row, attributes: bytes) -> Listener:
        return Listener(
            family=ip_version(row.family),
            address=address(row.family, row.local),
            port=port(row.local_port),
            queue=row.receive_queue,
            backlog=row.write_queue,
            process=self._lookup.process(row.inode),
            uid=row.uid,
            cgroup=self._lookup.cgroup_of(attributes),
            drops=_drops(attributes),
        )


def _closed_key(ends: Closed) -> CohortKey:
    return CohortKey(
        state=state_name(TIME_WAIT),
        family=ip_version(ends.family),
        local=address(ends.family, ends.local),
        local_port=ends.local_port,
        remote=None if ends.remote is None else address(ends.family, ends.remote),
        remote_port=ends.remote_port,
    )


def _drops(attributes: bytes) -> int | None:
    meminfo = attribute(attributes, SKMEMINFO)
    return None if meminfo is None or len(meminfo) < _DROPS.stop else int.from_bytes(meminfo[_DROPS], sys.byteorder)
