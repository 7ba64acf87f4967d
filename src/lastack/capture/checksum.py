"""TCP checksums of many segments at once (RFC 9293 section 3.1; the sum: RFC 1071)."""

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.capture.ip import Datagrams
from lastack.capture.window import Bytes, Positions

__all__ = ["wrong_checksums"]

_TCP = 6


def wrong_checksums(data: Bytes, segments: Datagrams, addresses: Addresses) -> NDArray[np.bool]:
    """Which segments have a wrong checksum; of one that the snap length cut, nobody knows."""
    wrong = np.zeros(len(segments.at), np.bool)
    whole = np.flatnonzero(segments.end - segments.at == segments.length)
    if len(whole):
        begin, end = segments.at[whole], segments.end[whole]
        total = _words(data, begin, end) + segments.length[whole] + _TCP
        for endpoint in (segments.source[whole], segments.target[whole]):
            numbers, where = np.unique(endpoint, return_inverse=True)
            total += np.array([_sum(addresses.octets(number)) for number in numbers.tolist()], np.int64)[where]
        wrong[whole] = total % 0xFFFF != 0
    return wrong


def _sum(octets: bytes) -> int:
    return int.from_bytes(octets, "big") % 0xFFFF


def _words(data: Bytes, begin: Positions, end: Positions) -> Positions:
    """The sums of 16-bit words from each ``begin`` to its ``end``; an odd octet at the end is a word's first."""
    total = np.zeros(len(begin), np.int64)
    for parity in (0, 1):
        some = np.flatnonzero(begin & 1 == parity)
        if len(some):
            # A word's first octets lie at places of one parity, its second ones at those of the other.
            low, high = begin[some], end[some]
            first = _range_sums(data[parity::2], (low - parity) >> 1, (high - parity + 1) >> 1)
            second = _range_sums(data[1 - parity :: 2], (low + parity) >> 1, (high + parity) >> 1)
            total[some] = (first << 8) + second
    return total


def _range_sums(data: Bytes, low: Positions, high: Positions) -> Positions:
    bounds = np.column_stack((low, high)).ravel()
    return np.add.reduceat(data, bounds, dtype=np.int64)[::2]
