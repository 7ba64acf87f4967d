"""``Roles`` of all ports in a table of bytes, for columns of ports as they stand in the rows of a dump.

To ask ``Roles`` for each row, or for each of the 65,536 ports once, would cost as much as a doctor on an idle host.
"""

import sys
from collections.abc import Iterable, Iterator
from itertools import compress

from lastack.kernel.columns import alike, both, either, inverted, looked_up
from lastack.model.cohorts import EPHEMERAL, LISTENING, SERVICE

__all__ = ["LOCAL_PORT", "REMOTE_PORT", "PortTable"]

LOCAL_PORT, REMOTE_PORT = 20, 22  # offsets into a message, as in ``stretch``

_PORTS = 1 << 16
_VARIOUS = 0  # no kind
_RARE = 8  # one row in so many
_ALL_BITS = bytes.maketrans(b"\1", b"\xff")
_IS_LISTENING, _IS_SERVICE, _IS_EPHEMERAL = (
    bytes(value == kind for value in range(256)) for kind in (LISTENING, SERVICE, EPHEMERAL)
)


class PortTable:
    """What ``Roles`` says of ports in network order.

    Args:
        listening: ports that someone listens on in this namespace.
        ephemeral: first and last port of ``ip_local_port_range``.
    """

    def __init__(self, listening: Iterable[int], ephemeral: tuple[int, int]) -> None:
        low, high = ephemeral
        kinds = bytearray([SERVICE]) * _PORTS
        kinds[low : high + 1] = bytes([EPHEMERAL]) * (high + 1 - low)
        for number in listening:
            kinds[number] = LISTENING
        # Most ports have the kind of all that share their first byte.
        self._by_first = bytes(map(_of_all, (kinds[first : first + 256] for first in range(0, _PORTS, 256))))
        self._kinds = _as_read(kinds)
        of_bind = bytearray(_PORTS)
        odd = slice(low + 1, high + 1, 2)
        of_bind[odd] = bytes([1]) * len(of_bind[odd])
        self._of_bind = _as_read(of_bind)

    def passive(self, rows: memoryview, stride: int) -> bytes:
        """``Roles.is_passive`` of every row: 1 or 0."""
        local = self._kinds_of(rows, stride, LOCAL_PORT)
        listening, service = local.translate(_IS_LISTENING), local.translate(_IS_SERVICE)
        if 1 not in service:
            return listening
        remote = self._kinds_of(rows, stride, REMOTE_PORT)
        return either(listening, both(service, remote.translate(_IS_EPHEMERAL)))

    def of_bind(self, rows: memoryview, stride: int) -> bytes:
        """``Roles.is_of_bind`` of every row's local port: 1 or 0."""
        return looked_up(self._of_bind, _ports(rows, stride, LOCAL_PORT).tolist())

    @staticmethod
    def local_of(rows: memoryview, stride: int, marked: bytes) -> Iterator[int]:
        """The local ports of rows that are marked with a 1, their two bytes read as a number of this machine."""
        return compress(_ports(rows, stride, LOCAL_PORT).tolist(), marked)

    @staticmethod
    def blank_ephemeral(chunk: bytearray, stride: int, passive: bytes) -> None:
        """Write zeros over the remote ports of passive openers and the local ones of all others."""
        for first, kept in ((LOCAL_PORT, passive), (REMOTE_PORT, inverted(passive))):
            if 0 in kept:
                bits = kept.translate(_ALL_BITS)
                for offset in (first, first + 1):
                    chunk[offset::stride] = both(bytes(chunk[offset::stride]), bits)

    def _kinds_of(self, rows: memoryview, stride: int, offset: int) -> bytes:
        ports = _ports(rows, stride, offset)
        if alike(ports):  # a server's local ones
            return bytes([self._kinds[ports[0]]]) * len(ports)
        kinds = bytearray(rows[offset::stride]).translate(self._by_first)
        various = kinds.count(_VARIOUS)
        if various > len(kinds) // _RARE:
            return looked_up(self._kinds, ports.tolist())
        at = -1
        for _ in range(various):
            at = kinds.index(_VARIOUS, at + 1)
            kinds[at] = self._kinds[ports[at]]
        return bytes(kinds)


def _ports(rows: memoryview, stride: int, offset: int) -> memoryview:
    """The column of ports, each in network order, read as a number of this machine."""
    return rows.cast("H")[offset // 2 :: stride // 2]


def _as_read(table: bytearray) -> bytes:
    """A table by port as one by ``_ports``."""
    return b"".join([table[last::256] for last in range(256)]) if sys.byteorder == "little" else bytes(table)


def _of_all(kinds: bytearray) -> int:
    return kinds[0] if kinds.count(kinds[0]) == len(kinds) else _VARIOUS
