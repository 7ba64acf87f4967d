"""Finds where each record of a capture begins: each says how long it is, so each is known from the one before.

Followed one by one in Python, this takes longer than all that is done with the records. So the window is cut into
lanes; in each, a place is guessed that looks like a record, and all lanes are followed in step, a record of each at a
time. A guess is right if the lane before arrives there; where it does not, that lane goes on alone, record by record,
until it meets another. What comes out is the chain from the first record on, whatever was guessed.
"""

import re
import struct
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.window import Positions, Window, u32

__all__ = ["Framing", "chain"]

# Lanes pay where there are many, and each holds many records; guessing costs a search for each.
_FEWEST, _LANE = 16, 1 << 13
_SAMPLE = 64
_LONG_RECORD = 600

# Steps between one look at whether all have arrived and the next; and after how many a lane is left as it is.
_UNLOOKED, _MOST_STEPS = 8, 4096

# How far to look for something like a record.
_REACH = 1 << 14


class Framing(NamedTuple):
    """How a record says how long it is.

    Attributes:
        order: byte order, ``<`` or ``>``.
        length_at: where its length stands, from its beginning: one place, or two of which the smaller counts.
        overhead: octets that the length leaves out.
        header: octets that must be there before the length can be read.
        largest: no record's length is more; what says so is none.
        smallest: nor less.
        likeness: what a record looks like that is near one with this header.
    """

    order: str
    length_at: tuple[int, ...]
    overhead: int
    header: int
    largest: int
    smallest: int
    likeness: Callable[[bytes], re.Pattern[bytes]]


def chain(window: Window, begin: int, framing: Framing) -> tuple[Positions, int, int | None]:
    """The records in a window.

    Args:
        window: octets from ``begin`` to ``window.size``.
        begin: where a record begins.
        framing: how long records are.

    Returns:
        Where each whole record begins; where the next one would; and the length that it states, where that is absurd.
    """
    walk = _Walk(window, framing)
    first = walk.alone(begin, window.size, _SAMPLE)
    places: list[Positions] = [np.array(first, np.int64)]
    after = walk.place
    short = after - begin < _SAMPLE * _LONG_RECORD and window.size - after > _FEWEST * _LANE
    if walk.going and short and len(framing.length_at) == 1:
        places += walk.lanes(after)
    elif walk.going:
        places.append(np.array(walk.alone(after, window.size), np.int64))
    return np.concatenate(places), walk.place, walk.absurd


class _Walk:
    """A walk along the records.

    Attributes:
        place: where it stands.
        absurd: the length that stopped it.
        going: nothing has stopped it yet.
    """

    def __init__(self, window: Window, framing: Framing) -> None:
        self._raw, self._data, self._size = window.raw, window.data, window.size
        self._framing = framing
        self.place = 0
        self.absurd: int | None = None
        self.going = True

    def alone(self, place: int, until: int, count: int = -1, stops: frozenset[int] = frozenset()) -> list[int]:
        """Step from record to record: up to ``until``, for ``count`` of them, or to one of ``stops``."""
        framing, raw = self._framing, self._raw
        read = [(struct.Struct(f"{framing.order}I").unpack_from, at) for at in framing.length_at]
        places: list[int] = []
        last = self._size - framing.header
        while place < until and count and place not in stops:
            if place > last:
                self.going = False
                break
            length = min(unpack(raw, place + at)[0] for unpack, at in read)
            if not framing.smallest <= length <= framing.largest:
                self.absurd, self.going = length, False
                break
            following = place + length + framing.overhead
            if following > self._size:
                self.going = False
                break
            places.append(place)
            place = following
            count -= 1
        self.place = place
        return places

    def lanes(self, begin: int) -> list[Positions]:
        """Step along many lanes at once, then join them."""
        framing = self._framing
        starts = self._guesses(begin)
        ends = np.append(starts[1:], self._size)
        table = self._stepped(starts, ends)
        inside = table < ends
        count = inside.sum(axis=0)
        arrived = table[np.minimum(count, len(table) - 1), np.arange(len(starts))]
        step = np.diff(table, axis=0)
        odd = step > framing.largest + framing.overhead
        if framing.smallest:
            odd |= step <= framing.smallest + framing.overhead
        odd &= inside[:-1]
        return self._join(_Lanes(starts, ends, arrived, odd.any(axis=0) | (arrived >= self._size), table.T))

    def _stepped(self, starts: Positions, ends: Positions) -> Positions:
        """Where each lane stands after each step. A lane that has arrived goes on: to look at each would cost more."""
        framing = self._framing
        numbers = np.ndarray((len(self._data) - 3,), np.dtype(f"{framing.order}u4"), self._data, strides=(1,))
        at, last = framing.length_at[0], self._size + framing.length_at[0]
        place = starts + at
        steps = [place]
        while len(steps) < _MOST_STEPS and (steps[-1] < ends + at).any():
            for _ in range(_UNLOOKED):
                following = numbers[place].astype(np.int64)
                if framing.smallest:
                    np.maximum(following, framing.smallest, out=following)
                following += place
                following += framing.overhead
                place = np.minimum(following, last, out=following)
                steps.append(place)
        return np.array(steps) - at

    def _guesses(self, begin: int) -> Positions:
        """Where the lanes begin: places that look like a record, and so does the place that follows each."""
        framing, raw = self._framing, self._raw
        likeness = framing.likeness(raw[begin : begin + framing.header])
        looks, search = likeness.match, likeness.search
        unpack, length_at = struct.Struct(f"{framing.order}I").unpack_from, framing.length_at[0]
        last = self._size - framing.header
        found = [begin]
        for at in range(begin + _LANE, self._size - _LANE, _LANE):
            place, until = max(at, found[-1] + 1), min(at + _REACH, last)
            while match := search(raw, place, until):
                place = match.start()
                following = place + unpack(raw, place + length_at)[0] + framing.overhead
                if following < self._size and looks(raw, following):
                    found.append(place)
                    break
                place += 1
        return np.array(found, np.int64)

    def _join(self, lanes: "_Lanes") -> list[Positions]:
        lane_at = {int(start): lane for lane, start in enumerate(lanes.starts)}
        stops = frozenset(lane_at)
        astray = [*np.flatnonzero(lanes.arrived != lanes.ends).tolist(), len(lanes.starts) - 1]
        joined: list[Positions] = []
        lane: int | None = 0
        while lane is not None and self.going:
            last = next(number for number in astray if number >= lane)
            joined += self._followed(lanes, lane, last + 1)
            if self.going:
                joined.append(np.array(self.alone(int(lanes.arrived[last]), self._size, stops=stops), np.int64))
            lane = lane_at.get(self.place)
        return joined

    def _followed(self, lanes: "_Lanes", low: int, high: int) -> Iterator[Positions]:
        """The records of lanes that lead from one into the next. A lane with a suspect length is checked."""
        for some, suspects in _runs(lanes.suspect[low:high]):
            picked = slice(low + some.start, low + some.stop)
            table = lanes.table[picked]
            places = table[table < lanes.ends[picked, None]]
            yield self._checked(places) if suspects else places
            if not self.going:
                return

    def _checked(self, places: Positions) -> Positions:
        """Those before the first that is cut by the window's end, or states an absurd length; stops there."""
        framing = self._framing
        length = u32(self._data, np.minimum(places, self._size) + framing.length_at[0], framing.order).astype(np.int64)
        absurd = (length > framing.largest) | (length < framing.smallest)
        wrong = absurd | (places + length + framing.overhead > self._size)
        if wrong.any():
            first = int(np.argmax(wrong))
            self.place, self.going = int(places[first]), False
            if absurd[first] and self.place + framing.header <= self._size:
                self.absurd = int(length[first])
            return places[:first]
        return places


class _Lanes(NamedTuple):
    """Lanes that were followed.

    Attributes:
        starts: where each begins.
        ends: where it should arrive.
        arrived: where it did.
        suspect: it met an absurd length, or the window's end, which may cut a record.
        table: a row a lane: its records, then where it arrived, then any places.
    """

    starts: Positions
    ends: Positions
    arrived: Positions
    suspect: NDArray[np.bool]
    table: Positions


def _runs(mask: NDArray[np.bool]) -> list[tuple[slice, bool]]:
    """Stretches of equal values."""
    cuts = [0, *(np.flatnonzero(mask[1:] != mask[:-1]) + 1).tolist(), len(mask)]
    return [(slice(low, high), bool(mask[low])) for low, high in pairwise(cuts)]
