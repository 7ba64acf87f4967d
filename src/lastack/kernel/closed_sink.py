"""The part of a sample that counts closed connections: TIME_WAIT.

Half a million rows are not rare, so nothing is done here to each that C cannot do to all. What a row is counted by is
put side by side into it, from the family on, before the addresses: ``_COLUMNS``.
"""

from collections import Counter
from itertools import compress
from struct import Struct
from typing import NamedTuple

from lastack.kernel.columns import both, either, looked_up
from lastack.kernel.decode import port
from lastack.kernel.port_table import LOCAL_PORT, REMOTE_PORT, PortTable
from lastack.kernel.stretch import EXPIRES, FAMILY
from lastack.model.census import TIME_WAIT_S
from lastack.model.cohorts import Mark

__all__ = ["Closed", "ClosedSink"]

# Written over state, timer, retransmissions and both ports: whether the other side opened the connection; the mark,
# that is the seconds since the close, and whether bind() draws such a port first; the port that is not ephemeral; two
# blanks.
_COLUMNS = slice(FAMILY + 1, FAMILY + 8)
_KEY = slice(FAMILY, FAMILY + 40)
_MARK = slice(2, 4)  # of the key
_ENDS = Struct("=B? 2s2x 16s16s")  # the key without it

_TIME_WAIT_MS = TIME_WAIT_S * 1000
_AGE = b"".join([bytes([TIME_WAIT_S]), *(bytes([age]) * 1000 for age in reversed(range(TIME_WAIT_S)))])  # by ms left
_MARKS = [
    [Mark(age if age < TIME_WAIT_S else None, bind_parity=of_bind) for age in range(TIME_WAIT_S + 1)]
    for of_bind in (False, True)
]
_NOT, _ALL_BITS = bytes.maketrans(b"\0\1", b"\1\0"), bytes.maketrans(b"\1", b"\xff")


class Closed(NamedTuple):
    """Closed connections that have their addresses and a port in common.

    Attributes:
        family: AF_INET or AF_INET6.
        local: local address, 16 bytes.
        remote: remote address, 16 bytes.
        local_port: None for an active opener.
        remote_port: None for a passive one.
    """

    family: int
    local: bytes
    remote: bytes
    local_port: int | None
    remote_port: int | None


class ClosedSink:
    """Counts rows in TIME_WAIT.

    Args:
        ports: which end opened a connection.
        opened_ports: local ports of active openers are put in here, as ``CohortSink`` has them.
    """

    def __init__(self, ports: PortTable, opened_ports: set[int]) -> None:
        self._ports = ports
        self._opened_ports = opened_ports
        self._keys: Counter[tuple[bytes]] = Counter()

    def add(self, rows: memoryview, stride: int) -> None:
        """Count rows, all of them in TIME_WAIT and ``stride`` bytes long."""
        chunk = bytearray(rows)
        for offset, column in enumerate(self._columns(rows, stride), _COLUMNS.start):
            chunk[offset::stride] = column
        layout = Struct(f"={_KEY.start}x{_KEY.stop - _KEY.start}s{stride - _KEY.stop}x")
        self._keys.update(layout.iter_unpack(chunk))

    def _columns(self, rows: memoryview, stride: int) -> tuple[bytes, ...]:
        """A column for each byte of ``_COLUMNS``."""
        ages = _ages(rows.cast("I")[EXPIRES // 4 :: stride // 4].tolist())
        passive = self._ports.passive(rows, stride)
        local = _port_columns(rows, stride, LOCAL_PORT)
        blank = bytes(len(passive))
        if 0 not in passive:
            return passive, ages, blank, *local, blank, blank
        active = passive.translate(_NOT)
        numbers = rows.cast("H")[LOCAL_PORT // 2 :: stride // 2].tolist()
        self._opened_ports.update(compress(numbers, active))
        of_bind = both(self._ports.of_bind(rows, stride), active)
        mine, other = passive.translate(_ALL_BITS), active.translate(_ALL_BITS)
        remote = _port_columns(rows, stride, REMOTE_PORT)
        kept = [either(both(here, mine), both(there, other)) for here, there in zip(local, remote, strict=True)]
        return passive, ages, of_bind, *kept, blank, blank

    def counts(self) -> dict[Closed, dict[Mark, int]]:
        """Sockets by what they have in common, and by mark."""
        by_ends: dict[bytes, dict[Mark, int]] = {}
        for (key,), count in self._keys.items():
            age, of_bind = key[_MARK]
            marks = by_ends.setdefault(key[: _MARK.start] + key[_MARK.stop :], {})
            marks[_MARKS[of_bind][age]] = count
        return {_closed(ends): marks for ends, marks in by_ends.items()}


def _closed(ends: bytes) -> Closed:
    family, passive, raw_port, local, remote = _ENDS.unpack(ends)
    number = port(raw_port)
    return Closed(family, local, remote, number if passive else None, None if passive else number)


def _port_columns(rows: memoryview, stride: int, offset: int) -> tuple[bytes, bytes]:
    return bytes(rows[offset::stride]), bytes(rows[offset + 1 :: stride])


def _ages(left_ms: list[int]) -> bytes:
    """Whole seconds since the close of sockets that have so many milliseconds left of their minute."""
    try:
        return looked_up(_AGE, left_ms)
    except IndexError:
        return looked_up(_AGE, [min(ms, _TIME_WAIT_MS) for ms in left_ms])
