"""The part of a sample that counts closed connections: TIME_WAIT.

Half a million rows are not rare, so nothing is done here to each that C cannot do to all. What a row is counted by is
put side by side into it: its *marks* (seconds since the close, who opened it, the port that is not ephemeral) go where
both ports were, before the addresses.
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

_MARKS_AT = LOCAL_PORT
# What is counted: family, three bytes that are the same in all; age, opener, port; both addresses.
_KEY = Struct("=B3x BB2s 16s16s")
_PASSIVE, _OF_BIND = 1, 2  # bits of the opener

_TIME_WAIT_MS = TIME_WAIT_S * 1000
_AGE = b"".join([bytes([TIME_WAIT_S]), *(bytes([age]) * 1000 for age in reversed(range(TIME_WAIT_S)))])  # by ms left
_NOT, _ALL_BITS = bytes.maketrans(b"\0\1", b"\1\0"), bytes.maketrans(b"\1", b"\xff")
_AS_OF_BIND = bytes.maketrans(b"\1", bytes([_OF_BIND]))


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
        for offset, column in enumerate(self._marks(rows, stride), _MARKS_AT):
            chunk[offset::stride] = column
        self._keys.update(Struct(f"={FAMILY}x{_KEY.size}s{stride - FAMILY - _KEY.size}x").iter_unpack(chunk))

    def _marks(self, rows: memoryview, stride: int) -> tuple[bytes, bytes, bytes, bytes]:
        """A column for each of the four bytes."""
        ages = _ages(rows.cast("I")[EXPIRES // 4 :: stride // 4].tolist())
        passive = self._ports.passive(rows, stride)
        local = _port_columns(rows, stride, LOCAL_PORT)
        if 0 not in passive:
            return ages, passive, *local
        active = passive.translate(_NOT)
        numbers = rows.cast("H")[LOCAL_PORT // 2 :: stride // 2].tolist()
        self._opened_ports.update(compress(numbers, active))
        of_bind = both(self._ports.of_bind(rows, stride), active)
        mine, other = passive.translate(_ALL_BITS), active.translate(_ALL_BITS)
        first, last = [
            either(both(here, mine), both(there, other))
            for here, there in zip(local, _port_columns(rows, stride, REMOTE_PORT), strict=True)
        ]
        return ages, either(passive, of_bind.translate(_AS_OF_BIND)), first, last

    def counts(self) -> dict[Closed, Counter[Mark]]:
        """Sockets by what they have in common, and by mark."""
        found: dict[Closed, Counter[Mark]] = {}
        for (raw,), count in self._keys.items():
            family, age, opener, raw_port, local, remote = _KEY.unpack(raw)
            passive, number = bool(opener & _PASSIVE), port(raw_port)
            key = Closed(family, local, remote, number if passive else None, None if passive else number)
            mark = Mark(age if age < TIME_WAIT_S else None, bind_parity=bool(opener & _OF_BIND))
            found.setdefault(key, Counter())[mark] += count
        return found


def _port_columns(rows: memoryview, stride: int, offset: int) -> tuple[bytes, bytes]:
    return bytes(rows[offset::stride]), bytes(rows[offset + 1 :: stride])


def _ages(left_ms: list[int]) -> bytes:
    """Whole seconds since the close of sockets that have so many milliseconds left of their minute."""
    try:
        return looked_up(_AGE, left_ms)
    except IndexError:
        return looked_up(_AGE, [min(ms, _TIME_WAIT_MS) for ms in left_ms])
