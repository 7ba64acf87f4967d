"""Percentiles of very many lengths of time in little memory."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spread"]

# A bucket spans 1/128 of its lower bound: a percentile is within half a percent of the true one.
_MANTISSA_BITS = 7
_DROPPED = 52 - _MANTISSA_BITS
_ONE = 1023 << _MANTISSA_BITS
_BUCKETS = 64 << _MANTISSA_BITS


class Spread:
    """How values are spread: counts in buckets that widen with the value.

    Attributes:
        count: values added.
        least: the smallest of them.
        most: the largest.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BUCKETS, np.int64)
        self.count = self.most = 0
        self.least = 0

    def add(self, values: NDArray[np.int64]) -> None:
        """Add values; what is less than 1 counts as 0."""
        if not len(values):
            return
        low, high = int(values.min()), int(values.max())
        self.least = low if not self.count else min(self.least, low)
        self.most = max(self.most, high)
        self.count += len(values)
        bits = np.maximum(values, 1).astype(np.float64).view(np.int64) >> _DROPPED
        self._counts += np.bincount(bits - _ONE, minlength=_BUCKETS)

    def percentile(self, percent: float) -> float:
        """The value that so many percent of all values do not exceed, within half a percent; 0 where there are none."""
        if not self.count:
            return 0.0
        rank = max(int(np.ceil(self.count * percent / 100)), 1)
        bucket = int(np.searchsorted(np.cumsum(self._counts), rank))
        low, high = (self._bound(bucket + step) for step in (0, 1))
        middle = (low + high) / 2 if high - low > 1 else float(np.ceil(low))
        return min(max(middle, self.least, 0), self.most)

    @staticmethod
    def _bound(bucket: int) -> float:
        return float(np.int64((bucket + _ONE) << _DROPPED).view(np.float64))
