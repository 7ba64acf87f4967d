"""TCP segments in columns, one row a segment."""

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lastack.capture.packets import Integers

__all__ = ["BAD_CHECKSUM", "ZERO_WINDOW", "Endpoints", "Segments", "concatenated"]

# Beyond TCP's own bits in ``flags``.
ZERO_WINDOW, BAD_CHECKSUM = 1 << 8, 1 << 9

Endpoints = NDArray[np.uint64]


class Segments(NamedTuple):
    """Segments in the order in which they were captured.

    Attributes:
        time: nanoseconds since 1970.
        source: address and port of the sender, as ``lastack.capture.addresses`` numbers them.
        target: those of the receiver.
        seq: sequence number.
        ack: acknowledgment number.
        payload: octets of data, before the snap length cut them.
        flags: control bits, ZERO_WINDOW, BAD_CHECKSUM.
    """

    time: Integers
    source: Endpoints
    target: Endpoints
    seq: NDArray[np.uint32]
    ack: NDArray[np.uint32]
    payload: NDArray[np.int32]
    flags: NDArray[np.uint16]

    @classmethod
    def none(cls) -> Self:
        """No rows."""
        kinds = (np.int64, np.uint64, np.uint64, np.uint32, np.uint32, np.int32, np.uint16)
        columns: tuple[Any, ...] = tuple(np.empty(0, kind) for kind in kinds)
        return cls(*columns)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool] | slice) -> Self:
        """Some rows."""
        columns: tuple[Any, ...] = tuple(column[rows] for column in self)
        return type(self)(*columns)


def concatenated(parts: list[Segments]) -> Segments:
    """The rows of all parts, in turn."""
    return parts[0] if len(parts) == 1 else Segments(*map(_joined, zip(*parts, strict=True)))


def _joined(columns: tuple[Any, ...]) -> Any:  # noqa: ANN401 - columns differ in type
    return np.concatenate(columns)
