"""The sink of a census by group.

It keeps distinct keys with their counts, in C as far as it goes: ``struct.iter_unpack`` into a ``Counter``. Only
distinct keys become ``SocketRow``s, at the end.
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from heapq import nlargest
from typing import NamedTuple

from lastack.kernel.decode import address, cgroup_id, ip_version, port
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import EXPIRES, FAMILY, STATE, TIME_WAIT, Stretch
from lastack.model.census import TIME_WAIT_S, SocketRow, Tally

__all__ = ["KeySink", "Lookup"]

_TIME_WAIT_MS = TIME_WAIT_S * 1000

# struct inet_diag_msg, counted from the nlmsghdr; attributes are what is left of the row behind it.
_SPANS = {
    "local_port": (20, 22),
    "remote_port": (22, 24),
    "local": (24, 40),
    "remote": (40, 56),
    "uid": (80, 84),
    "inode": (84, 88),
    "attributes": (88, 1 << 16),
}

# What each dimension of a census needs to see of a row besides its family and state.
_NEEDS = {
    "state": (),
    "family": (),
    "local-port": ("local_port",),
    "remote": ("remote",),
    "remote-port": ("remote_port",),
    "destination": ("local", "remote", "remote_port"),
    "process": ("inode",),
    "uid": ("inode", "uid"),
    "cgroup": ("attributes",),
    "netns": (),
}

# Of these, several keys may be one group (a process has many inodes), so that the largest keys say nothing yet.
_MANY_KEYS_ONE_GROUP = frozenset({"process", "uid", "cgroup"})


class Lookup(NamedTuple):
    """Names for what the kernel gives as numbers.

    Attributes:
        holder: socket inode to the pid of its holder, or None.
        label: that pid to ``name/pid``.
        cgroup: cgroup id to path, or None.
        settle: is told the inodes that a dump has shown, before any of them is looked up.
    """

    holder: Callable[[int], int | None] = lambda _: None
    label: Callable[[int], str] = str
    cgroup: Callable[[int], str | None] = lambda _: None
    settle: Callable[[AbstractSet[int]], None] = lambda _: None

    def process(self, inode: int) -> str | None:
        """``name/pid`` of a socket's holder; None: nobody, or not visible."""
        pid = self.holder(inode)
        return None if pid is None else self.label(pid)

    def cgroup_of(self, attributes: bytes) -> str | None:
        """The path of a row's cgroup; None: its attributes have none, or it is not found."""
        number = cgroup_id(attributes)
        return None if number is None else self.cgroup(number)


_Pieces = tuple[bytes, ...]


class _Key(NamedTuple):
    """Where the fields of a row lie in a key: neighbours are cut out of the row as one piece."""

    pieces: list[tuple[int, int]]
    fields: dict[str, tuple[int, slice]]  # field: piece, bytes of the piece


def _key_of(fields: Iterable[str]) -> _Key:
    pieces: list[tuple[int, int]] = []
    places = {}
    for field in sorted(fields, key=lambda name: _SPANS[name]):
        start, end = _SPANS[field]
        if pieces and pieces[-1][1] == start:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
        begin = start - pieces[-1][0]
        places[field] = (len(pieces) - 1, slice(begin, begin + end - start))
    return _Key(pieces, places)


class KeySink:
    """Counts rows that are alike in what the given dimensions need.

    TIME_WAIT rows are also kept as they came: their timers are read only once the groups to be shown are known,
    since most of a million one-socket groups never are.
    """

    def __init__(self, by: tuple[str, ...], lookup: Lookup | None = None, netns: str | None = None) -> None:
        self._key = _key_of({field for dimension in by for field in _NEEDS[dimension]})
        self._one_to_one = not _MANY_KEYS_ONE_GROUP.intersection(by)
        self._lookup = lookup or Lookup()
        self._netns = netns
        self._formats: dict[int, struct.Struct] = {}
        self._counts: dict[tuple[int, int], Counter[_Pieces]] = {}  # by family and state
        self._time_wait: list[tuple[int, int, bytes]] = []  # family, stride, rows

    def add(self, stretch: Stretch) -> None:
        """Count a stretch. Most hold one family and one state."""
        kinds = list(zip(stretch.column(FAMILY), stretch.column(STATE), strict=True))
        if kinds.count(kinds[0]) == stretch.messages:
            self._add(*kinds[0], stretch)
            return
        for kind in set(kinds):
            rows = [at * stretch.stride for at, one in enumerate(kinds) if one == kind]
            picked = [stretch.rows[at : at + stretch.stride] for at in rows]
            self._add(*kind, Stretch(memoryview(b"".join(picked)), stretch.stride, len(picked)))

    def _add(self, family: int, state: int, stretch: Stretch) -> None:
        key = self._formats.get(stretch.stride)
        if key is None:
            key = self._formats[stretch.stride] = _format(self._key.pieces, stretch.stride)
        self._counts.setdefault((family, state), Counter()).update(key.iter_unpack(stretch.rows))
        if state == TIME_WAIT:
            self._time_wait.append((family, stretch.stride, bytes(stretch.rows)))

    def pour(self, tally: Tally, most: int = 0) -> None:
        """Hand the counts over. With ``most``, smaller groups may go to the tally's rest without being named."""
        keep = self._largest(most) if most and self._one_to_one else None
        for family, state, pieces, age, count in self._distinct(keep):
            if pieces is None:
                tally.add_rest(state_name(state), count, age)
            else:
                tally.add(self._row(family, state, pieces, age), count)

    def _largest(self, most: int) -> set[tuple[int, _Pieces]] | None:
        """The family and key of the largest groups; None where all are few enough."""
        totals: dict[int, Counter[_Pieces]] = {}
        for (family, _), counts in self._counts.items():
            totals[family] = totals[family] + counts if family in totals else counts
        if sum(map(len, totals.values())) <= most:
            return None
        ranked = [
            (count, family, pieces) for family, counts in totals.items() for pieces, count in counts.most_common(most)
        ]
        return {(family, pieces) for _, family, pieces in nlargest(most, ranked)}

    def _distinct(
        self, keep: set[tuple[int, _Pieces]] | None
    ) -> Iterator[tuple[int, int, _Pieces | None, int | None, int]]:
        """Family, state, key (None: not to be kept), age of the close, and how often."""
        for (family, state), counts in self._counts.items():
            if state == TIME_WAIT:
                continue
            kept = counts.items() if keep is None else [(key, n) for key, n in counts.items() if (family, key) in keep]
            yield from ((family, state, pieces, None, count) for pieces, count in kept)
            if rest := counts.total() - sum(count for _, count in kept):
                yield family, state, None, None, rest
        for (family, pieces, age), count in self._closes(keep).items():
            yield family, TIME_WAIT, pieces, max(age, 0) if age < TIME_WAIT_S else None, count

    def _closes(self, keep: set[tuple[int, _Pieces]] | None) -> Counter[tuple[int, _Pieces | None, int]]:
        closes: Counter[tuple[int, _Pieces | None, int]] = Counter()
        # A time-wait socket has neither owner nor inode: its key ends before the timer.
        early = [piece for piece in self._key.pieces if piece[0] < EXPIRES]
        late = (b"",) * (len(self._key.pieces) - len(early))
        for family, stride, rows in self._time_wait:
            keys = [(row[:-1] + late, row[-1]) for row in _format(early, stride, timed=True).iter_unpack(rows)]
            closes.update(
                [
                    (family, key if keep is None or (family, key) in keep else None, (_TIME_WAIT_MS - left) // 1000)
                    for key, left in keys
                ]
            )
        return closes

    def _row(self, family: int, state: int, pieces: _Pieces, age: int | None) -> SocketRow:
        def field(name: str) -> bytes:
            place = self._key.fields.get(name)
            return pieces[place[0]][place[1]] if place else b""

        local, remote, local_port, remote_port = map(field, ("local", "remote", "local_port", "remote_port"))
        inode = _number(field("inode"))
        return SocketRow(
            state=state_name(state),
            family=ip_version(family),
            local=address(family, local) if local else None,
            local_port=port(local_port) if local_port else None,
            remote=address(family, remote) if remote else None,
            remote_port=port(remote_port) if remote_port else None,
            process=self._lookup.process(inode) if inode else None,
            uid=_number(field("uid")) if inode else None,
            cgroup=self._lookup.cgroup_of(field("attributes")),
            netns=self._netns,
            close_age_s=age,
        )


def _format(pieces: Iterable[tuple[int, int]], stride: int, *, timed: bool = False) -> struct.Struct:
    parts, at = ["="], 0
    for start, end in pieces:
        stop = min(end, stride)
        parts.append(f"{start - at}x{stop - start}s")
        at = stop
    if timed:
        parts.append(f"{EXPIRES - at}xI")
        at = EXPIRES + 4
    parts.append(f"{stride - at}x")
    return struct.Struct("".join(parts))


def _number(raw: bytes) -> int:
    return struct.unpack("=I", raw)[0] if raw else 0
