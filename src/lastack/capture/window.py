"""A stream of bytes through a window of fixed size: memory does not grow with the file."""

import mmap
import time
from typing import Protocol
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

__all__ = ["SLACK", "Bytes", "Positions", "Source", "Window", "rows", "u16", "u32"]

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]

# Octets behind the data, so that the fields of a record that is cut can be fetched before its length is looked at.
SLACK = 256

_BYTES = 1 << 24
_ENOUGH = 1 << 21

# What comes slowly, through a pipe, is worked on this often.
_PATIENCE_S = 0.3


class Source(Protocol):
    """What bytes can be read from: a file, a pipe, a decompressor."""

    def readinto1(self, buffer: memoryview, /) -> int:
        """Fill the buffer with what one read gives; 0 at the end."""


class Window:
    """A stretch of a stream.

    Attributes:
        raw: the stretch, and ``SLACK`` octets more.
        data: the same as an array.
        size: how much of it counts.
        offset: where in the stream it begins.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ended = False
        self._spare: list[mmap.mmap] = []
        self.raw, self.data = self._empty()
        self.size = self.offset = 0

    def advance(self, consumed: int) -> bool:
        """Drop what was worked on and read more. False where nothing was added: the stream is at its end."""
        self.size -= consumed
        self.offset += consumed
        # Somebody may still be at work on the last stretch.
        rest = self.raw[consumed : consumed + self.size]
        self.raw, self.data = self._empty()
        self.raw[: self.size] = rest
        before, deadline = self.size, time.monotonic() + _PATIENCE_S
        while not self._ended and self.size < _BYTES and self.size - before < _ENOUGH:
            count = self._source.readinto1(memoryview(self.raw)[self.size : min(before + _ENOUGH, _BYTES)])
            self.size += count
            self._ended = not count
            if time.monotonic() > deadline:
                break
        return self.size > before

    def _empty(self) -> tuple[mmap.mmap, Bytes]:
        # An anonymous map rather than a bytearray: a small capture touches few of its pages.
        raw = self._spare.pop() if self._spare else mmap.mmap(-1, _BYTES + SLACK)
        data: Bytes = np.frombuffer(raw, np.uint8)
        finalize(data, self._spare.append, raw).atexit = False
        return raw, data


def rows(data: Bytes, at: Positions, kind: np.dtype[np.void]) -> NDArray[np.void]:
    """The records of this kind that begin at these places."""
    return np.ndarray((len(data) - kind.itemsize + 1,), f"V{kind.itemsize}", data, strides=(1,))[at].view(kind)


def u16(data: Bytes, at: Positions) -> NDArray[np.uint16]:
    """The big-endian 16-bit numbers at these places."""
    return np.ndarray((len(data) - 1,), np.dtype(">u2"), data, strides=(1,))[at].astype(np.uint16)


def u32(data: Bytes, at: Positions, order: str) -> NDArray[np.uint32]:
    """The 32-bit numbers at these places, in the byte order ``<`` or ``>``."""
    return np.ndarray((len(data) - 3,), np.dtype(f"{order}u4"), data, strides=(1,))[at].astype(np.uint32)
