"""The part of a sample that counts closed connections: TIME_WAIT.

Half a million rows are not rare, so nothing is done here to each that C cannot do to all. What a row is counted by is
put side by side into it: ``_KEY``, which ends with the age. Where all rows are of one listener, only the client and the
age tell them apart; of IPv4 these are put into eight bytes, which as a number are counted in two thirds of the time.
"""

import socket
import sys
from collections import Counter, defaultdict
from struct import Struct
from typing import NamedTuple

from lastack.kernel.columns import alike, both, inverted, looked_up
from lastack.kernel.decode import port
from lastack.kernel.largest import largest
from lastack.kernel.port_table import LOCAL_PORT, REMOTE_PORT, PortTable
from lastack.kernel.stretch import EXPIRES, FAMILY
from lastack.model.census import TIME_WAIT_S
from lastack.model.cohorts import LIMIT, Marks

__all__ = ["Closed", "ClosedSink"]

# Written over timer and retransmissions: the family again, and whether the other side opened the connection. Over the
# ephemeral port: nothing. Over the interface, behind the addresses: whether bind() draws that port first, and the
# seconds since the close.
_FAMILY, _PASSIVE, _OF_BIND, _AGE = 18, 19, 56, 57
_KEY = slice(_FAMILY, _AGE + 1)
_ENDS = Struct("=B? 2s2s 16s16s")  # the key without its last two bytes

_LOCAL, _CLIENT = slice(24, 40), slice(40, 44)  # places of the addresses, of which IPv4 uses the first four bytes
_REST, _NO_ADDRESS = bytes(12), bytes(16)
_OTHER_SIDE = 1  # opened the connection
# The eight bytes: the client's address, the seconds since the close, nothing.
_ADDRESS_BITS = int.from_bytes(b"\xff" * 4 + bytes(4), sys.byteorder)
_AGE_BITS = int.from_bytes(bytes(4) + b"\xff" + bytes(3), sys.byteorder)

_TIME_WAIT_MS = TIME_WAIT_S * 1000
_UNKNOWN_S = TIME_WAIT_S
_BY_LEFT_MS = b"".join([bytes([_UNKNOWN_S]), *(bytes([age]) * 1000 for age in reversed(range(TIME_WAIT_S)))])
_AGES = {int.from_bytes(bytes([0, 0, 0, 0, age, 0, 0, 0]), sys.byteorder): age for age in range(_UNKNOWN_S + 1)}


class Closed(NamedTuple):
    """Closed connections that have their addresses and a port in common.

    Attributes:
        family: AF_INET or AF_INET6.
        local: local address, 16 bytes.
        remote: remote address, 16 bytes; None: of many.
        local_port: None for an active opener.
        remote_port: None for a passive one.
    """

    family: int
    local: bytes
    remote: bytes | None
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
        chunk[_CLIENT.stop :: stride] = ages
        listener = bytes(rows[LOCAL_PORT:REMOTE_PORT]), bytes(rows[_LOCAL])
        numbers = memoryview(chunk).cast("Q")[_CLIENT.start // 8 :: stride // 8].tolist()
        self._clients.setdefault(listener, Counter()).update(numbers)

    def _add_any(self, rows: memoryview, stride: int, passive: bytes, ages: bytes) -> None:
        chunk = bytearray(rows)
        chunk[_FAMILY::stride] = bytes(rows[FAMILY::stride])
        chunk[_PASSIVE::stride] = passive
        chunk[_AGE::stride] = ages
        active = inverted(passive)
        self._opened_ports.update(self._ports.local_of(rows, stride, active))
        chunk[_OF_BIND::stride] = both(self._ports.of_bind(rows, stride), active) if 1 in active else active
        self._ports.blank_ephemeral(chunk, stride, passive)
        layout = Struct(f"={_KEY.start}x{_KEY.stop - _KEY.start}s{stride - _KEY.stop}x")
        self._keys.update(layout.iter_unpack(chunk))

    def counts(self) -> dict[Closed, Marks]:
        """Sockets by what they have in common. Of very many clients the small ones are one."""
        by_ends: defaultdict[bytes, Marks] = defaultdict(Marks)
        kept = largest(((key[:-2], count) for (key,), count in self._keys.items()), LIMIT)
        for (key,), count in self._keys.items():
            ends, (of_bind, age_s) = key[:-2], key[-2:]
            marks = by_ends[ends if ends in kept else _of_many(ends)]
            marks.count += count
            marks.closes[age_s] = marks.closes.get(age_s, 0) + count
            marks.bind_parity += of_bind * count
        for (local_port, local), numbers in self._clients.items():
            start = _ENDS.pack(socket.AF_INET, _OTHER_SIDE, local_port, b"", local, b"")[: -len(local)]
            for client, marks in _by_client(numbers).items():
                by_ends[start + client.to_bytes(8, sys.byteorder)[:4] + _REST].add(marks)
        for marks in by_ends.values():
            marks.closes.pop(_UNKNOWN_S, None)
        return {_closed(ends): marks for ends, marks in by_ends.items()}


def _of_many(ends: bytes) -> bytes:
    """The ends without the client's address, where it was a client's."""
    return ends[: -len(_NO_ADDRESS)] + _NO_ADDRESS if ends[1] == _OTHER_SIDE else ends


def _by_client(numbers: Counter[int]) -> dict[int, Marks]:
    """By address, from the numbers that hold that and the age; the small ones of very many at 0."""
    clients: defaultdict[int, Marks] = defaultdict(Marks)
    kept = largest(((number & _ADDRESS_BITS, count) for number, count in numbers.items()), LIMIT)
    for number, count in numbers.items():
        client, age_s = number & _ADDRESS_BITS, _AGES[number & _AGE_BITS]
        marks = clients[client if client in kept else 0]
        marks.count += count
        marks.closes[age_s] = marks.closes.get(age_s, 0) + count
    return clients


def _closed(ends: bytes) -> Closed:
    family, passive, local_port, remote_port, local, remote = _ENDS.unpack(ends)
    somebody = None if remote == _NO_ADDRESS else remote
    return Closed(
        family, local, somebody, port(local_port) if passive else None, None if passive else port(remote_port)
    )


def _is_of_one_listener(rows: memoryview, stride: int) -> bool:
    """Whether rows, all of passive openers, have one local port and address, of IPv4, and can be read as numbers."""
    if stride % 8 or not alike(rows.cast("H")[LOCAL_PORT // 2 :: stride // 2]):
        return False
    families = bytes(rows[FAMILY::stride])
    return families.count(socket.AF_INET) == len(families) and alike(rows.cast("I")[_LOCAL.start // 4 :: stride // 4])


def _ages(left_ms: list[int]) -> bytes:
    """Whole seconds since the close of sockets that have so many milliseconds left of their minute."""
    try:
        return looked_up(_BY_LEFT_MS, left_ms)
    except IndexError:
        return looked_up(_BY_LEFT_MS, [min(ms, _TIME_WAIT_MS) for ms in left_ms])
