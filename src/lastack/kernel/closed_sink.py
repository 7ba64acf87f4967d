"""The part of a sample that counts closed connections: TIME_WAIT.

Half a million rows are not rare, so nothing is done here to each that C cannot do to all. What a row is counted by is
put side by side into it, from the family on, before the addresses: ``_COLUMNS``. Where all rows are of one listener,
only the client and the age tell them apart; of IPv4 these are put into eight bytes, which as a number are counted in
two thirds of the time.
"""

import socket
import sys
from collections import Counter, defaultdict
from itertools import compress
from struct import Struct
from typing import NamedTuple

from lastack.kernel.columns import alike, both, either, looked_up
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

_LOCAL, _CLIENT = slice(24, 40), 40  # offsets of the addresses, of which IPv4 uses the first four bytes
_CLIENT_AGE = 44
_REST = bytes(12)
_ADDRESS, _CLIENT_MARK = slice(4), slice(4, 6)  # of the eight bytes; no port of a listener is one that bind() drew

_TIME_WAIT_MS = TIME_WAIT_S * 1000
_AGE = b"".join([bytes([TIME_WAIT_S]), *(bytes([age]) * 1000 for age in reversed(range(TIME_WAIT_S)))])  # by ms left
_MARKS = {
    bytes([age, of_bind]): Mark(age if age < TIME_WAIT_S else None, bind_parity=of_bind)
    for age in range(TIME_WAIT_S + 1)
    for of_bind in (False, True)
}
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
        self._clients: dict[tuple[bytes, bytes], Counter[int]] = {}  # by port and address of the listener

    def add(self, rows: memoryview, stride: int) -> None:
        """Count rows, all of them in TIME_WAIT and ``stride`` bytes long."""
        passive = self._ports.passive(rows, stride)
        ages = _ages(rows.cast("I")[EXPIRES // 4 :: stride // 4].tolist())
        if 0 not in passive and _is_of_one_listener(rows, stride):
            self._add_clients(rows, stride, ages)
        else:
            self._add_any(rows, stride, passive, ages)

    def _add_clients(self, rows: memoryview, stride: int, ages: bytes) -> None:
        chunk = bytearray(rows)
        chunk[_CLIENT_AGE::stride] = ages
        listener = bytes(rows[LOCAL_PORT:REMOTE_PORT]), bytes(rows[_LOCAL])
        numbers = memoryview(chunk).cast("Q")[_CLIENT // 8 :: stride // 8].tolist()
        self._clients.setdefault(listener, Counter()).update(numbers)

    def _add_any(self, rows: memoryview, stride: int, passive: bytes, ages: bytes) -> None:
        chunk = bytearray(rows)
        for offset, column in enumerate(self._columns(rows, stride, passive, ages), _COLUMNS.start):
            chunk[offset::stride] = column
        layout = Struct(f"={_KEY.start}x{_KEY.stop - _KEY.start}s{stride - _KEY.stop}x")
        self._keys.update(layout.iter_unpack(chunk))

    def _columns(self, rows: memoryview, stride: int, passive: bytes, ages: bytes) -> tuple[bytes, ...]:
        """A column for each byte of ``_COLUMNS``."""
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
        by_ends: defaultdict[bytes, dict[bytes, int]] = defaultdict(dict)
        for (key,), count in self._keys.items():
            by_ends[key[: _MARK.start] + key[_MARK.stop :]][key[_MARK]] = count
        for (local_port, local), numbers in self._clients.items():
            start = _ENDS.pack(socket.AF_INET, 1, local_port, local, b"")[: -len(local)]
            for number, count in numbers.items():
                client = number.to_bytes(8, sys.byteorder)
                marks, mark = by_ends[start + client[_ADDRESS] + _REST], client[_CLIENT_MARK]
                marks[mark] = marks.get(mark, 0) + count
        return {
            _closed(ends): {_MARKS[mark]: count for mark, count in marks.items()} for ends, marks in by_ends.items()
        }


def _closed(ends: bytes) -> Closed:
    family, passive, raw_port, local, remote = _ENDS.unpack(ends)
    number = port(raw_port)
    return Closed(family, local, remote, number if passive else None, None if passive else number)


def _is_of_one_listener(rows: memoryview, stride: int) -> bool:
    """Whether rows, all of passive openers, have one local port and address, of IPv4, and can be read as numbers."""
    if stride % 8 or not alike(rows.cast("H")[LOCAL_PORT // 2 :: stride // 2]):
        return False
    families = bytes(rows[FAMILY::stride])
    return families.count(socket.AF_INET) == len(families) and alike(rows.cast("I")[_LOCAL.start // 4 :: stride // 4])


def _port_columns(rows: memoryview, stride: int, offset: int) -> tuple[bytes, bytes]:
    return bytes(rows[offset::stride]), bytes(rows[offset + 1 :: stride])


def _ages(left_ms: list[int]) -> bytes:
    """Whole seconds since the close of sockets that have so many milliseconds left of their minute."""
    try:
        return looked_up(_AGE, left_ms)
    except IndexError:
        return looked_up(_AGE, [min(ms, _TIME_WAIT_MS) for ms in left_ms])
