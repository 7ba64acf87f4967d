"""Columns of a dump, worked on whole: what is done to all rows at once is done by C. Mostly they have a byte a row."""

from collections.abc import Sequence
from operator import itemgetter

__all__ = ["alike", "both", "either", "inverted", "looked_up"]

_INVERTED = bytes.maketrans(b"\0\1", b"\1\0")


def alike(column: memoryview) -> bool:
    """Whether all of its items are equal."""
    return column[:-1] == column[1:]


def looked_up(table: bytes, places: Sequence[int]) -> bytes:
    """The table's byte at each place, by one call: a loop takes twice as long.

    Raises:
        IndexError: a place is beyond the table.
    """
    return bytes(itemgetter(*places)(table)) if len(places) > 1 else bytes([table[place] for place in places])


def both(first: bytes, second: bytes) -> bytes:
    """Bit by bit, what two columns of one length have in common."""
    return (int.from_bytes(first, "little") & int.from_bytes(second, "little")).to_bytes(len(first), "little")


def either(first: bytes, second: bytes) -> bytes:
    """Bit by bit, what one or the other of two columns of one length has."""
    return (int.from_bytes(first, "little") | int.from_bytes(second, "little")).to_bytes(len(first), "little")


def inverted(column: bytes) -> bytes:
    """A column of ones and zeros with the one in place of the other."""
    return column.translate(_INVERTED)
