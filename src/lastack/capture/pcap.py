"""Reads pcap: both byte orders, microseconds and nanoseconds, the lengths swapped that old versions swapped.

The format: draft-ietf-opsawg-pcap; what libpcap does with files older than 2.4: its sf-pcap.c.
"""

import re
import struct
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from lastack.capture.chain import Framing, chain
from lastack.capture.packets import Packets
from lastack.capture.window import Positions, Window, rows
from lastack.errors import InputError, TruncatedError

__all__ = ["MAGICS", "packets"]

_HEADER, _RECORD, _RECORD_PATCHED = 24, 16, 24

# Where the captured length stands in a record, and the length that it had on the wire.
_LENGTH, _WIRE = 8, 12

# What libpcap takes to be the longest packet, whatever the header says.
_LARGEST = 1 << 18
_LARGEST_STATED = 1 << 23


class _Kind(NamedTuple):
    """What the first four octets say: byte order, nanoseconds in a tick, octets before each packet."""

    order: str
    tick: int
    record: int


MAGICS = {
    struct.pack(f"{order}I", magic): _Kind(order, tick, record)
    for order in "<>"
    for magic, tick, record in (
        (0xA1B2C3D4, 1000, _RECORD),
        (0xA1B23C4D, 1, _RECORD),
        (0xA1B2CD34, 1000, _RECORD_PATCHED),
    )
}


def packets(window: Window, name: str) -> Iterator[Packets]:
    """The packets of a pcap file whose beginning is in the window.

    Args:
        window: the file.
        name: what to call it in errors.

    Raises:
        TruncatedError: it ends in the middle of a packet; after all whole packets were given.
        InputError: a packet states an absurd length; likewise.
    """
    kind = MAGICS[window.raw[:4]]
    if window.size < _HEADER:
        raise TruncatedError("cut-short", f"{name}: offset {window.size}: ends in the middle of the file header")
    _, minor, _, _, snap, link = struct.unpack_from(f"{kind.order}HHiIII", window.raw, 4)
    framing = _framing(kind, minor, snap)
    begin = _HEADER
    while True:
        records, after, absurd = chain(window, begin, framing)
        if len(records):
            yield _packets(window, records, kind, framing, link & 0xFFFF)
        if absurd is not None:
            raise InputError(
                "absurd-length",
                f"{name}: offset {window.offset + after}: a packet of {absurd} octets, "
                f"expected at most {framing.largest}",
                "the file is damaged from here on; what was read before is complete",
            )
        begin = 0
        if not window.advance(after):
            break
    if window.size:
        raise TruncatedError(
            "cut-short",
            f"{name}: offset {window.offset}: ends in the middle of a packet, {window.size} octets after it begins",
        )


def _framing(kind: _Kind, minor: int, snap: int) -> Framing:
    # Before version 2.3 the two lengths stood the other way round; in 2.3, either way.
    length_at = (_WIRE,) if minor < 3 else (_LENGTH, _WIRE) if minor == 3 else (_LENGTH,)
    largest = min(max(snap, _LARGEST), _LARGEST_STATED)
    return Framing(kind.order, length_at, kind.record, kind.record, largest, 0, partial(_likeness, kind))


def _likeness(kind: _Kind, header: bytes) -> re.Pattern[bytes]:
    # The same eighteen hours, a fraction below one second, two lengths below 64 KiB of which the first is not zero.
    hours = re.escape(header[2:4] if kind.order == "<" else header[:2])
    fraction = rb"[\0-\x0f]" if kind.tick > 1 else rb"[\0-\x3b]"
    if kind.order == "<":
        high = rb"..%b\0" % fraction if kind.tick > 1 else rb"...%b" % fraction
        return re.compile(rb"(?s).." + hours + high + rb"(?!\0\0)..\0\0..\0\0")
    high = rb"\0%b.." % fraction if kind.tick > 1 else rb"%b..." % fraction
    return re.compile(b"(?s)" + hours + b".." + high + rb"\0\0(?!\0\0)..\0\0..")


def _packets(window: Window, records: Positions, kind: _Kind, framing: Framing, link: int) -> Packets:
    numbers = rows(window.data, records, np.dtype((np.void, 16))).view(f"{kind.order}u4").reshape(-1, 4)
    seconds, ticks, captured, wire = (numbers[:, column].astype(np.int64) for column in range(4))
    if len(framing.length_at) > 1:
        captured, wire = np.minimum(captured, wire), np.maximum(captured, wire)
    elif framing.length_at[0] != _LENGTH:
        captured, wire = wire, captured
    seconds *= 1_000_000_000
    ticks *= kind.tick
    seconds += ticks
    begin = records + kind.record
    return Packets(window.data, begin, begin + captured, np.maximum(captured, wire), seconds, link)
