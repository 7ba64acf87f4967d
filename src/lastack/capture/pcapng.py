"""Reads pcapng: sections of either byte order, many interfaces, packets with times of any resolution.

The format: draft-ietf-opsawg-pcapng. Simple Packet Blocks have no time and are counted as unread.
"""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.chain import Framing, chain
from lastack.capture.packets import Integers, Packets
from lastack.capture.window import Positions, Window, u32
from lastack.errors import InputError, TruncatedError

__all__ = ["MAGIC", "packets"]

MAGIC = b"\x0a\x0d\x0d\x0a"

_SECTION, _INTERFACE, _OLD_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 6
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_SMALLEST, _LARGEST = 12, 1 << 24
_PACKET_HEADER = 28

_SECOND, _FAR_S = 1_000_000_000, 1 << 33

_END_OF_OPTIONS, _RESOLUTION, _OFFSET = 0, 9, 14


class _Interface(NamedTuple):
    """One interface: link type, seconds to add, and a tick as a power of 10 or, if ``binary``, of 2."""

    link: int
    offset_s: int = 0
    exponent: int = 6
    binary: bool = False


def packets(window: Window, name: str) -> Iterator[Packets]:
    """The packets of a pcapng file whose beginning is in the window.

    Args:
        window: the file.
        name: what to call it in errors.

    Raises:
        TruncatedError: it ends in the middle of a block; after all whole packets were given.
        InputError: a block states an absurd length, or a packet an interface that was not described; likewise.
    """
    reader = _Reader(window, name)
    begin = 0
    while True:
        yield from reader.blocks(begin)
        begin = 0
        if not window.advance(reader.after):
            break
    if window.size:
        raise TruncatedError(
            "cut-short",
            f"{name}: offset {window.offset}: ends in the middle of a block, {window.size} octets after it begins",
        )


class _Reader:
    """Where a file is, and what its section said.

    Attributes:
        after: where the first block begins that is not wholly in the window.
    """

    def __init__(self, window: Window, name: str) -> None:
        self._window, self._name = window, name
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self.after = 0

    def blocks(self, begin: int) -> Iterator[Packets]:
        """The packets in the window; sections and interfaces are noted where they stand."""
        self.after = begin
        going = True
        while going:
            here = self.after
            if self._window.size - here >= _SMALLEST and self._window.raw[here : here + 4] == MAGIC:
                self._begin_section(here)
            places, self.after, absurd = chain(self._window, here, _FRAMINGS[self._order])
            kinds = u32(self._window.data, places, self._order)
            # What follows another section may have another byte order: its own length may look absurd.
            sections = np.flatnonzero(kinds[1:] == _SECTION) + 1
            going = bool(len(sections)) or absurd is not None
            if len(sections):
                self.after = int(places[sections[0]])
                places, kinds = places[: sections[0]], kinds[: sections[0]]
            yield from self._read(places, kinds)
            at_section = self._window.raw[self.after : self.after + 4] == MAGIC
            if absurd is not None and not (at_section and self.after > here):
                self._refuse(self.after, f"a block of {absurd} octets, expected {_SMALLEST} to {_LARGEST}")

    def _refuse(self, place: int, message: str) -> None:
        raise InputError(
            "absurd-length",
            f"{self._name}: offset {self._window.offset + place}: {message}",
            "the file is damaged from here on; what was read before is complete",
        )

    def _begin_section(self, place: int) -> None:
        order = _ORDERS.get(self._window.raw[place + 8 : place + 12])
        if order is None:
            self._refuse(place, "a section without a byte order mark")
        else:
            self._order, self._interfaces = order, []

    def _read(self, places: Positions, kinds: NDArray[np.uint32]) -> Iterator[Packets]:
        """Packets between one interface description and the next."""
        cuts = [0, *(np.flatnonzero(kinds == _INTERFACE) + 1).tolist(), len(places)]
        for low, high in pairwise(cuts):
            if high > low:
                yield from self._packets(places[low:high], kinds[low:high])
                if kinds[high - 1] == _INTERFACE:
                    self._describe(int(places[high - 1]))

    def _describe(self, place: int) -> None:
        order, raw = self._order, self._window.raw
        (size,) = struct.unpack_from(f"{order}I", raw, place + 4)
        interface = _Interface(struct.unpack_from(f"{order}H", raw, place + 8)[0])
        at, last = place + 16, place + size - 8
        while at <= last:
            code, length = struct.unpack_from(f"{order}HH", raw, at)
            if code == _END_OF_OPTIONS:
                break
            if code == _RESOLUTION and length == 1:
                interface = interface._replace(exponent=raw[at + 4] & 0x7F, binary=raw[at + 4] > 0x7F)
            elif code == _OFFSET and length == 8:
                interface = interface._replace(offset_s=struct.unpack_from(f"{order}q", raw, at + 4)[0])
            at += 4 + (length + 3) // 4 * 4
        self._interfaces.append(interface)

    def _packets(self, places: Positions, kinds: NDArray[np.uint32]) -> Iterator[Packets]:
        is_packet = (kinds == _PACKET) | (kinds == _OLD_PACKET)
        places, kinds = places[is_packet], kinds[is_packet]
        if not len(places):
            return
        numbers = self._interface_numbers(places, kinds)
        used = np.unique(numbers).tolist()
        if used[-1] >= len(self._interfaces):
            place = int(places[np.argmax(numbers >= len(self._interfaces))])
            self._refuse(place, f"a packet of interface {used[-1]}, described are {len(self._interfaces)}")
        data, order = self._window.data, self._order
        high, low, captured, wire = (u32(data, places + at, order).astype(np.int64) for at in (12, 16, 20, 24))
        time, links = high << 32 | low, {self._interfaces[number].link for number in used}
        for number in used:
            of_it = numbers == number
            time[of_it] = _nanoseconds(time[of_it], self._interfaces[number])
        size = u32(data, places + 4, order).astype(np.int64)
        begin = places + _PACKET_HEADER
        end = begin + np.minimum(captured, np.maximum(size - _PACKET_HEADER - 4, 0))
        link = np.array([interface.link for interface in self._interfaces])[numbers] if len(links) > 1 else links.pop()
        yield Packets(data, begin, end, wire, np.maximum(time, 0), link)

    def _interface_numbers(self, places: Positions, kinds: NDArray[np.uint32]) -> NDArray[np.uint32]:
        numbers = u32(self._window.data, places + 8, self._order)
        # The old block has a 16-bit number, then one of drops.
        old = numbers & 0xFFFF if self._order == "<" else numbers >> 16
        return np.where(kinds == _OLD_PACKET, old, numbers)


def _nanoseconds(ticks: Integers, interface: _Interface) -> Integers:
    exponent = interface.exponent
    if interface.binary:
        # Seconds and their fraction apart: together they would not fit.
        shift = min(exponent, 62)
        fraction = (ticks & ((1 << shift) - 1)).astype(np.float64) / float(1 << shift)
        time = (ticks >> shift) * _SECOND + (fraction * _SECOND).astype(np.int64)
    elif exponent <= 9:
        time = ticks * 10 ** (9 - exponent)
    else:
        time = ticks // 10 ** min(exponent - 9, 18)
    return time + min(max(interface.offset_s, -_FAR_S), _FAR_S) * _SECOND


def _framing(order: str) -> Framing:
    number = rb"[\x20-\xff].\0\0" if order == "<" else rb"\0\0.[\x20-\xff]"
    likeness = re.compile((rb"(?s)\x06\0\0\0" if order == "<" else rb"(?s)\0\0\0\x06") + number)
    return Framing(order, (4,), 0, 12, _LARGEST, _SMALLEST, lambda _: likeness)


_FRAMINGS = {order: _framing(order) for order in "<>"}
