"""Packets as a reader hands them on: where they lie in its window, and when they were captured."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.window import Bytes, Positions

__all__ = ["Integers", "Packets", "picked"]

Integers = NDArray[np.int64]


class Packets(NamedTuple):
    """Packets in the order of the file. Valid until the reader is asked for the next ones.

    Attributes:
        data: the window that they lie in.
        begin: where each begins.
        end: one past its last captured octet.
        wire: its length before the snap length cut it.
        time: nanoseconds since 1970.
        link: their link types, numbers of tcpdump.org/linktypes.html; one for all, where it is one.
    """

    data: Bytes
    begin: Positions
    end: Positions
    wire: Integers
    time: Integers
    link: int | Integers

    def of(self, which: Positions, link: int) -> "Packets":
        """Some of them, all of this link type."""
        begin, end, wire, time = self.begin[which], self.end[which], self.wire[which], self.time[which]
        return Packets(self.data, begin, end, wire, time, link)


def picked(column: NDArray[Any], number: Positions) -> NDArray[Any]:
    """The values of some packets, in the order of their numbers: mostly of all, and then nothing is copied."""
    return column if len(number) == len(column) else column[number]
