"""Which events are of wanted connections: what the kernel's own filters let through, looked at once more."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.kernel.tracepoints_filter import Wanted
from lastack.live.rows import Rows

__all__ = ["Filter"]

_Column = NDArray[Any]

_PORT, _PORT_BITS = np.uint64(0xFFFF), np.uint64(16)
_FEW = 8  # to look for one after the other is quicker
_IPV6 = np.uint64(1 << 32)  # numbers of IPv6 addresses: lastack.capture.addresses


class Filter:
    """Compares endpoints.

    Args:
        wanted: which connections.
        numbered: gives the numbers of IPv6 addresses, 16 octets each.
    """

    def __init__(self, wanted: Wanted, numbered: Callable[[NDArray[np.uint8]], _Column]) -> None:
        self._wanted = wanted
        self._numbered = numbered

    def __bool__(self) -> bool:
        """Whether anything is not wanted."""
        return any(self._wanted)

    def rows(self, rows: Rows) -> Rows:
        """Those that are of wanted connections, or may be: a port that is 0 is not chosen yet."""
        if not self:
            return rows
        keep = np.ones(rows.number, bool)
        if self._wanted.ports:
            keep &= _has(rows.local & _PORT, (0, *self._wanted.ports)) | _has(rows.remote & _PORT, self._wanted.ports)
        if self._wanted.addresses:
            addresses = self._addresses().tolist()
            keep &= _has(rows.local >> _PORT_BITS, addresses) | _has(rows.remote >> _PORT_BITS, addresses)
        if self._wanted.family:
            keep &= (rows.remote >> _PORT_BITS < _IPV6) == (self._wanted.family == 4)
        return rows.take(keep)

    def _addresses(self) -> _Column:
        short = [int.from_bytes(address, "big") for address in self._wanted.addresses if len(address) == 4]
        long = [address for address in self._wanted.addresses if len(address) == 16]
        numbers = np.array(short, np.uint64)
        if not long:
            return numbers
        octets = np.frombuffer(b"".join(long), np.uint8).reshape(-1, 16)
        return np.concatenate((numbers, self._numbered(octets)))


def _has(column: _Column, values: Sequence[int]) -> _Column:
    """Which of a column are one of the values."""
    if len(values) > _FEW:
        return np.isin(column, values)
    mask: _Column = np.logical_or.reduce([column == np.uint64(value) for value in values])
    return mask
