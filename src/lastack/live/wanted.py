"""Which events are of wanted connections: what the kernel's own filters let through, looked at once more."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.kernel.tracepoints_filter import Wanted
from lastack.live.rows import Rows

__all__ = ["Filter"]

_Column = NDArray[Any]

_PORT = np.uint64(0xFFFF)
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
        ends = np.stack((rows.local, rows.remote))
        keep = np.ones(rows.number, bool)
        if self._wanted.ports:
            keep &= np.isin(ends & _PORT, (0, *self._wanted.ports)).any(axis=0)
        if self._wanted.addresses:
            keep &= np.isin(ends >> np.uint64(16), self._addresses()).any(axis=0)
        if self._wanted.family:
            keep &= (rows.remote >> np.uint64(16) < _IPV6) == (self._wanted.family == 4)
        return rows.take(keep)

    def _addresses(self) -> _Column:
        short = [int.from_bytes(address, "big") for address in self._wanted.addresses if len(address) == 4]
        long = [address for address in self._wanted.addresses if len(address) == 16]
        numbers = np.array(short, np.uint64)
        if not long:
            return numbers
        octets = np.frombuffer(b"".join(long), np.uint8).reshape(-1, 16)
        return np.concatenate((numbers, self._numbered(octets)))
