"""Frames in few bytes: each as its difference from the one before.

A packed frame is zlib-compressed JSON, ``[taken_at, uptime_s, gone, new, numbers]``:

    gone      numbers of the names of the frame before that are no more: how many to pass over until the next one
    new       names that were not in the frame before, or had another count of numbers; with that count
    numbers   for each name, those kept in their old order and then the new ones: by how much each number grew, where
              one that is new grew from 0

Closes a second move with time: before the difference is taken, those of the frame before are moved on by the whole
seconds in between. The first frame of a chain is the difference from nothing.
"""

import zlib
from collections.abc import Iterator
from itertools import chain, islice

from msgspec import DecodeError, ValidationError, json

from lastack.store.frame import DATED, STILL, Frame, Numbers

__all__ = ["NOTHING", "pack", "unpack"]

NOTHING = Frame("", 0.0, {})

_LEVEL = 9
_COHORT = '["cohort"'

_Document = tuple[str, float, list[int], list[tuple[str, int]], list[int]]


def pack(frame: Frame, before: Frame) -> tuple[bytes, Frame]:
    """A frame as its difference from the one before it; and the frame as its reader will have it.

    The next difference is to be taken from that one: the order of its names is the reader's, kept ones before new ones.
    """
    old = [name for name, was in before.table.items() if name in frame.table and len(frame.table[name]) == len(was)]
    kept = set(old)
    gone = [at for at, name in enumerate(before.table) if name not in kept]
    new = [name for name in frame.table if name not in kept]
    moved = _moved_on(before, frame.uptime_s)
    numbers = [
        *(now - was for name in old for now, was in zip(frame.table[name], moved[name], strict=True)),
        *chain.from_iterable(frame.table[name] for name in new),
    ]
    lengths = [(name, len(frame.table[name])) for name in new]
    document: _Document = (frame.taken_at, frame.uptime_s, _steps(gone), lengths, numbers)
    read = frame._replace(table={name: frame.table[name] for name in chain(old, new)})
    return zlib.compress(json.encode(document), _LEVEL), read


def _zeros(length: int) -> Numbers:
    return (0,) * length


def unpack(packed: bytes, before: Frame) -> Frame:
    """The frame that was packed as a difference from ``before``.

    Raises:
        ValueError: it was not, or is damaged.
    """
    try:
        taken_at, uptime_s, steps, new, numbers = json.decode(zlib.decompress(packed), type=_Document)
    except (zlib.error, DecodeError, ValidationError) as error:
        raise ValueError(str(error)) from error
    gone = set(_positions(steps))
    old = _moved_on(before, uptime_s)
    table = {name: was for at, (name, was) in enumerate(old.items()) if at not in gone}
    table |= {name: _zeros(length) for name, length in new}
    grown = iter(numbers)
    table = {
        name: tuple(n + by for n, by in zip(was, islice(grown, len(was)), strict=True)) for name, was in table.items()
    }
    if next(grown, None) is not None:
        raise ValueError("numbers are left over")
    return Frame(taken_at, uptime_s, table)


def _moved_on(frame: Frame, uptime_s: float) -> dict[str, Numbers]:
    """The table, its closes as they would be seen later."""
    seconds = min(max(round(uptime_s - frame.uptime_s), 0), DATED - STILL)
    return {
        name: (*numbers[:STILL], *numbers[STILL + seconds :], *_zeros(seconds))
        if len(numbers) == DATED and name.startswith(_COHORT)
        else numbers
        for name, numbers in frame.table.items()
    }


def _steps(positions: list[int]) -> list[int]:
    return [now - was for was, now in zip([0, *positions], positions, strict=False)]


def _positions(steps: list[int]) -> Iterator[int]:
    at = 0
    for step in steps:
        at += step
        yield at
