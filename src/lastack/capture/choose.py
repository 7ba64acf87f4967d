"""Which segments of a capture are asked for."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.capture.segments import Endpoints, Segments

__all__ = ["Choice"]

_PORT_BITS, _PORT, _FIRST_IPV6 = np.uint64(16), np.uint64(0xFFFF), np.uint64(1 << 32)


class Choice(NamedTuple):
    """What either end must be; nothing chosen is everything.

    Attributes:
        ports: one of these ports.
        addresses: one of these addresses, 4 or 16 octets each.
        family: 4 or 6.
    """

    ports: Sequence[int] = ()
    addresses: Sequence[bytes] = ()
    family: int | None = None

    def of(self, rows: Segments, addresses: Addresses) -> Segments:
        """The rows that are asked for."""
        if not (self.ports or self.addresses or self.family):
            return rows
        wanted = np.ones(len(rows.time), np.bool)
        if self.ports:
            wanted &= _either(rows, np.array(self.ports, np.uint64), lambda ends: ends & _PORT)
        if self.addresses:
            numbers = np.array([addresses.number(address) for address in self.addresses], np.uint64)
            wanted &= _either(rows, numbers, lambda ends: ends >> _PORT_BITS)
        if self.family:
            wanted &= ((rows.source >> _PORT_BITS) >= _FIRST_IPV6) == (self.family == 6)
        return rows.take(wanted)


def _either(rows: Segments, values: Endpoints, part: Callable[[Endpoints], Endpoints]) -> NDArray[np.bool]:
    return np.isin(part(rows.source), values) | np.isin(part(rows.target), values)
