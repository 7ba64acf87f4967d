"""Endpoints as single numbers: address times 65536 plus port.

An IPv4 address is its 32 bits. IPv6 addresses are numbered as they are met, from 2**32 on.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lastack.capture.segments import Endpoints

__all__ = ["Addresses"]

_FIRST_IPV6 = 1 << 32

# Where the table gets larger, addresses that nothing refers to any more are dropped from it.
_WORTH_SWEEPING = 1 << 16

_MIX = np.uint64(0x9E3779B97F4A7C15)
_PORT_BITS = np.uint64(16)


class Addresses:
    """The IPv6 addresses that were met."""

    def __init__(self) -> None:
        self._octets: dict[int, bytes] = {}
        self._number: dict[bytes, int] = {}
        self._next = _FIRST_IPV6
        self._worth_sweeping = _WORTH_SWEEPING

    def numbered(self, octets: NDArray[np.uint8]) -> Endpoints:
        """The numbers of IPv6 addresses, given as rows of 16 octets."""
        halves = np.ascontiguousarray(octets).view(np.uint64)
        mixed = (halves[:, 0] * _MIX) ^ halves[:, 1]
        _, first, where = np.unique(mixed, return_index=True, return_inverse=True)
        if not (halves[first][where] == halves).all():
            _, first, where = np.unique(halves, axis=0, return_index=True, return_inverse=True)
        rows = [self.number(row.tobytes()) for row in octets[first]]
        numbers: Endpoints = np.array(rows, np.uint64)[where.ravel()]
        return numbers

    def number(self, address: bytes) -> int:
        """The number of an address of 4 or 16 octets."""
        if len(address) == 4:
            return int.from_bytes(address, "big")
        number = self._number.get(address)
        if number is None:
            number = self._number[address] = self._next
            self._octets[number] = address
            self._next += 1
        return number

    def octets(self, endpoint: int) -> bytes:
        """The address of an endpoint: 4 or 16 octets."""
        address = endpoint >> 16
        return address.to_bytes(4, "big") if address < _FIRST_IPV6 else self._octets[address]

    @property
    def is_worth_sweeping(self) -> bool:
        """There are many more than the last sweep left."""
        return len(self._octets) > self._worth_sweeping

    def sweep(self, used: Sequence[Endpoints]) -> None:
        """Forget all addresses but those of these endpoints."""
        kept = set(np.unique(np.concatenate(used) >> _PORT_BITS).tolist()) if used else set()
        self._octets = {number: address for number, address in self._octets.items() if number in kept}
        self._number = {address: number for number, address in self._octets.items()}
        self._worth_sweeping = max(_WORTH_SWEEPING, 2 * len(self._octets))
