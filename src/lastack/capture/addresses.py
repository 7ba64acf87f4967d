"""Endpoints as single numbers: address times 65536 plus port.

An IPv4 address is its 32 bits. An IPv6 address is the number of the row of a table, counted from 2**32.
"""

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import Endpoints

__all__ = ["Addresses"]

_FIRST_IPV6 = 1 << 32

# Where the table gets larger, addresses that nothing refers to any more are dropped from it.
_WORTH_SWEEPING = 1 << 16

_MIX = np.uint64(0x9E3779B97F4A7C15)


class Addresses:
    """The IPv6 addresses that were met."""

    def __init__(self) -> None:
        self._rows: list[bytes] = []
        self._row_of: dict[bytes, int] = {}

    def numbered(self, octets: NDArray[np.uint8]) -> Endpoints:
        """The numbers of IPv6 addresses, given as rows of 16 octets."""
        halves = np.ascontiguousarray(octets).view(np.uint64)
        mixed = (halves[:, 0] * _MIX) ^ halves[:, 1]
        _, first, where = np.unique(mixed, return_index=True, return_inverse=True)
        if not (halves[first][where] == halves).all():
            _, first, where = np.unique(halves, axis=0, return_index=True, return_inverse=True)
        rows = [self._row(row.tobytes()) for row in octets[first]]
        numbers: Endpoints = np.array(rows, np.uint64)[where.ravel()]
        return numbers

    def _row(self, address: bytes) -> int:
        number = self._row_of.get(address)
        if number is None:
            number = self._row_of[address] = _FIRST_IPV6 + len(self._rows)
            self._rows.append(address)
        return number

    def octets(self, endpoint: int) -> bytes:
        """The address of an endpoint: 4 or 16 octets."""
        address = endpoint >> 16
        return address.to_bytes(4, "big") if address < _FIRST_IPV6 else self._rows[address - _FIRST_IPV6]

    def sweep(self, used: list[Endpoints]) -> list[Endpoints] | None:
        """Forget all addresses but those of these endpoints; gives the endpoints anew, or None: nothing was changed."""
        if len(self._rows) < _WORTH_SWEEPING:
            return None
        rows, where = np.unique(np.concatenate(used) >> np.uint64(16), return_inverse=True)
        kept, self._rows, self._row_of = self._rows, [], {}
        anew = np.array(
            [row if row < _FIRST_IPV6 else self._row(kept[row - _FIRST_IPV6]) for row in rows.tolist()], np.uint64
        )
        ports = [part & np.uint64(0xFFFF) for part in used]
        cuts = np.cumsum([len(part) for part in used])[:-1]
        return [(part << np.uint64(16)) | port for part, port in zip(np.split(anew[where], cuts), ports, strict=True)]
