"""The part of a sample that counts open connections, by their ends and their holder.

Where a connection's holder is found is known once the dump is over: it may have been opened while that ran. So rows are
kept as they come, some hundred bytes each, and folded at the end, some thousand at a time, by C.
"""

from collections import Counter
from collections.abc import Iterator
from struct import Struct

from lastack.kernel.columns import both, either, inverted
from lastack.kernel.decode import address, ip_version, port
from lastack.kernel.grouping import Lookup
from lastack.kernel.largest import largest
from lastack.kernel.port_table import PortTable
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import FAMILY, ROW, TIMER
from lastack.model.cohorts import CLOSED_HERE, LIMIT, CohortKey, Marks

__all__ = ["OpenSink"]

_AT_ONCE = 4096  # rows

_RETRANSMITS, _INTERFACE, _INODE = TIMER + 1, 56, 84  # offsets into a message, as in ``stretch``

# What a row is counted by: family to addresses, less the ephemeral port; uid; attributes. Written over the
# retransmissions: how the connection was opened. Over the interface, behind the addresses: whether it has an inode.
_DESCRIBED = f"={FAMILY}x {_INTERFACE + 1 - FAMILY}s 23x I 4x"
_ENDS = Struct("=BBBB 2s2s 16s16s ?")
_OPENING, _REMOTE, _NO_ADDRESS = 3, slice(24, 40), bytes(16)  # places among the ends
_PASSIVE, _ACTIVE, _OF_BIND = 0, 1, 2  # the last one with the one before it

_RETRANSMISSION, _KEEPALIVE, _PROBE = 1, 2, 4  # idiag_timer
_ANY = bytes([0]).ljust(256, b"\1")
_IS_RETRANSMISSION = bytes(timer == _RETRANSMISSION for timer in range(256))
_NO_RETRANSMISSION = bytes.maketrans(bytes([_RETRANSMISSION]), b"\0")
_AS_OF_BIND = bytes.maketrans(b"\1", bytes([_OF_BIND]))

_Described = tuple[bytes, int, bytes]
_Counted = tuple[_Described, int | None]  # with the holder


class OpenSink:
    """Counts rows of connections, in whatever state, that have an address at both ends.

    Args:
        lookup: names for inodes and cgroup ids.
        opened_ports: local ports of active openers are put in here, as ``CohortSink`` has them.
    """

    def __init__(self, lookup: Lookup, opened_ports: set[int]) -> None:
        self._lookup = lookup
        self._opened_ports = opened_ports
        self._rows: dict[int, bytearray] = {}  # by stride

    def add(self, rows: memoryview, stride: int) -> None:
        """Take rows, ``stride`` bytes long."""
        self._rows.setdefault(stride, bytearray()).extend(rows)

    def inodes(self) -> set[int]:
        """Those of all rows; 0 is none."""
        return set().union(*(_inodes(memoryview(rows), stride) for stride, rows in self._rows.items()))

    def counts(self, ports: PortTable) -> dict[CohortKey, Marks]:
        """Sockets by cohort; ``ports`` tells which end opened each. Of very many clients the small ones are one."""
        counted: Counter[_Counted] = Counter()
        for rows, stride in self._chunks():
            counted.update(self._counted(rows, stride, ports))
        return self._cohorts(_put_together(counted))

    def _cohorts(self, counted: Counter[_Counted]) -> dict[CohortKey, Marks]:
        counts: dict[CohortKey, Marks] = {}
        for (described, holder), count in counted.items():
            key, timer, of_bind = self._told(described, holder)
            marks = counts.setdefault(key, Marks())
            marks.count += count
            if timer == _RETRANSMISSION:
                marks.retried += count
            elif timer == _KEEPALIVE:
                marks.kept_alive += count
            elif timer == _PROBE:
                marks.probed += count
            if of_bind:
                marks.bind_parity += count
        return counts

    def _chunks(self) -> Iterator[tuple[memoryview, int]]:
        for stride, rows in self._rows.items():
            for at in range(0, len(rows), _AT_ONCE * stride):
                yield memoryview(rows)[at : at + _AT_ONCE * stride], stride

    def _counted(self, rows: memoryview, stride: int, ports: PortTable) -> Iterator[_Counted]:
        passive, inodes = ports.passive(rows, stride), _inodes(rows, stride)
        chunk = bytearray(rows)
        chunk[TIMER::stride] = _timers(rows, stride)
        chunk[_RETRANSMITS::stride] = self._opening(rows, stride, passive, ports)
        chunk[_INTERFACE::stride] = bytes(map(bool, inodes))
        ports.blank_ephemeral(chunk, stride, passive)
        layout = Struct(f"{_DESCRIBED}{stride - ROW.size}s")
        return zip(layout.iter_unpack(chunk), map(self._lookup.holder, inodes), strict=True)

    def _opening(self, rows: memoryview, stride: int, passive: bytes, ports: PortTable) -> bytes:
        """A column of ``_PASSIVE``, ``_ACTIVE`` and, with that, ``_OF_BIND``."""
        active = inverted(passive)
        if 1 not in active:
            return active
        self._opened_ports.update(ports.local_of(rows, stride, active))
        return either(active, both(ports.of_bind(rows, stride), active).translate(_AS_OF_BIND))

    def _told(self, described: _Described, holder: int | None) -> tuple[CohortKey, int, bool]:
        ends, uid, attributes = described
        family, state, timer, opening, local_port, remote_port, local, remote, has_inode = _ENDS.unpack(ends)
        key = CohortKey(
            state=state_name(state),
            family=ip_version(family),
            local=address(family, local),
            local_port=port(local_port) if opening == _PASSIVE else None,
            remote=None if remote == _NO_ADDRESS else address(family, remote),
            remote_port=None if opening == _PASSIVE else port(remote_port),
            process=None if holder is None else self._lookup.label(holder),
            uid=uid if has_inode else None,
            cgroup=self._lookup.cgroup_of(attributes) if has_inode else None,
            orphan=not has_inode and state_name(state) in CLOSED_HERE,
        )
        return key, timer, opening == _ACTIVE | _OF_BIND


def _put_together(counted: Counter[_Counted]) -> Counter[_Counted]:
    """Small clients lose their address, if there are very many."""
    kept = largest(((ends, count) for ((ends, _, _), _), count in counted.items()), LIMIT)
    together: Counter[_Counted] = Counter()
    for ((ends, uid, attributes), holder), count in counted.items():
        together[(ends if ends in kept else _of_many(ends), uid, attributes), holder] += count
    return together


def _of_many(ends: bytes) -> bytes:
    return ends if ends[_OPENING] != _PASSIVE else ends[: _REMOTE.start] + _NO_ADDRESS + ends[_REMOTE.stop :]


def _inodes(rows: memoryview, stride: int) -> list[int]:
    return rows.cast("I")[_INODE // 4 :: stride // 4].tolist()


def _timers(rows: memoryview, stride: int) -> bytes:
    """The column of timers; a retransmission timer also runs before anything was sent again, which is none."""
    timers = bytes(rows[TIMER::stride])
    if _RETRANSMISSION not in timers:
        return timers
    others = timers.translate(_NO_RETRANSMISSION)
    retried = both(timers.translate(_IS_RETRANSMISSION), bytes(rows[_RETRANSMITS::stride]).translate(_ANY))
    return either(others, retried)
