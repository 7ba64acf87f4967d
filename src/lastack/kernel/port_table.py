"""``Roles`` of all ports in a table of bytes, for columns of ports as they stand in the rows of a dump.

To ask ``Roles`` for each row, or for each of the 65,536 ports once, would cost as much as a doctor on an idle host.
"""

import sys
from collections.abc import Iterable

from lastack.kernel.columns import both, either, looked_up
from lastack.model.cohorts import EPHEMERAL, LISTENING, SERVICE

__all__ = ["LOCAL_PORT", "REMOTE_PORT", "PortTable"]

LOCAL_PORT, REMOTE_PORT = 20, 22  # offsets into a message, as in ``stretch``

_PORTS = 1 << 16
_OF_BIND = 0x80  # beside the kind
_MARKED = bytes(value | _OF_BIND for value in range(256))
_IS_OF_BIND = bytes(bool(value & _OF_BIND) for value in range(256))
_IS_LISTENING, _IS_SERVICE, _IS_EPHEMERAL = (
    bytes(value & ~_OF_BIND == kind for value in range(256)) for kind in (LISTENING, SERVICE, EPHEMERAL)
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
        of_bind = slice(low + 1, high + 1, 2)
        kinds[of_bind] = kinds[of_bind].translate(_MARKED)
        # At the place of a port's two bytes in network order, read as a number of this machine.
        swapped = b"".join([kinds[first::256] for first in range(256)])
        self._table = swapped if sys.byteorder == "little" else bytes(kinds)

    def passive(self, rows: memoryview, stride: int) -> bytes:
        """``Roles.is_passive`` of every row: 1 or 0."""
        local = self._column(rows, stride, LOCAL_PORT)
        listening, service = local.translate(_IS_LISTENING), local.translate(_IS_SERVICE)
        if 1 not in service:
            return listening
        remote = self._column(rows, stride, REMOTE_PORT)
        return either(listening, both(service, remote.translate(_IS_EPHEMERAL)))

    def of_bind(self, rows: memoryview, stride: int) -> bytes:
        """``Roles.is_of_bind`` of every row's local port: 1 or 0."""
        return self._column(rows, stride, LOCAL_PORT).translate(_IS_OF_BIND)

    def _column(self, rows: memoryview, stride: int, offset: int) -> bytes:
        """The kind of every row's port; most stretches of a server have one local port."""
        ports = rows.cast("H")[offset // 2 :: stride // 2]
        if ports[:-1] == ports[1:]:
            return bytes([self._table[ports[0]]]) * len(ports)
        return looked_up(self._table, ports.tolist())
