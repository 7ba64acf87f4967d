"""Opens a capture: tells pcap, pcapng and gzip apart by their first octets."""

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from lastack.capture import pcap, pcapng
from lastack.capture.packets import Packets
from lastack.capture.window import Source, Window
from lastack.errors import InputError, TruncatedError

__all__ = ["packets"]

_GZIP = b"\x1f\x8b"

_PIECE = 1 << 18

# What people try, by its first octets.
_OTHERS = {
    b"\x28\xb5\x2f\xfd": "a zstd file: try `zstd -dc FILE | lastack trace --pcap -`",
    b"\xfd7zXZ": "an xz file: try `xz -dc FILE | lastack trace --pcap -`",
    b"BZh": "a bzip2 file: try `bzip2 -dc FILE | lastack trace --pcap -`",
    b"\x04\x22\x4d\x18": "an lz4 file: try `lz4 -dc FILE | lastack trace --pcap -`",
    b"PK\x03\x04": "a zip file: unpack it first",
}


def packets(source: BinaryIO, name: str) -> Iterator[Packets]:
    """The packets of a capture, compressed or not.

    Args:
        source: the file; read once, from its beginning.
        name: what to call it in errors.

    Raises:
        InputError: it is no capture, or damaged; TruncatedError: it ends too early. Whatever was whole comes first.
    """
    window, unpacked = Window(cast("Source", source)), None
    window.advance(0)
    if window.raw[:2] == _GZIP:
        unpacked = _Unpacked(window.raw[: window.size], source)
        window = Window(unpacked)
        window.advance(0)
    try:
        yield from _reader(window, name)
    except InputError as error:
        # What ends too early after unpacking ends where unpacking failed.
        if not unpacked or not unpacked.problem:
            raise
        raise TruncatedError("cut-short", f"{name}: compressed data cut or damaged: {unpacked.problem}") from error
    if unpacked and unpacked.problem:
        raise TruncatedError("cut-short", f"{name}: compressed data cut or damaged: {unpacked.problem}")


def _reader(window: Window, name: str) -> Iterator[Packets]:
    magic = window.raw[: min(window.size, 4)]
    if magic in pcap.MAGICS:
        return pcap.packets(window, name)
    if magic == pcapng.MAGIC:
        return pcapng.packets(window, name)
    raise _no_capture(window.raw[: min(window.size, 8)], name)


class _Unpacked:
    """A gzip stream whose beginning was read already. Where it is damaged it ends, and says why.

    Attributes:
        problem: why it ended, or nothing.
    """

    def __init__(self, head: bytes, source: BinaryIO) -> None:
        self._head, self._packed = head, source
        self._file = gzip.GzipFile(fileobj=cast("BinaryIO", self), mode="rb")
        self.problem = ""

    def read(self, size: int) -> bytes:
        """Compressed octets, for the unpacker."""
        head, self._head = self._head[:size], self._head[size:]
        return head or self._packed.read(size)

    def readinto1(self, buffer: memoryview) -> int:
        """Unpacked octets."""
        try:
            count: int = self._file.readinto1(buffer[:_PIECE])
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.problem = str(error)
            return 0
        return count


def _no_capture(head: bytes, name: str) -> InputError:
    for magic, hint in _OTHERS.items():
        if head.startswith(magic):
            return InputError("not-a-capture", f"{name}: is {hint.partition(':')[0]}", hint.partition(": ")[2])
    found = f"begins with {head.hex(' ')}" if head else "is empty"
    return InputError("not-a-capture", f"{name}: expected pcap, pcapng or gzip of these; it {found}")
