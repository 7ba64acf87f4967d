"""Events of open connections, put aside."""

import time
from itertools import repeat

import numpy as np

from lastack.live.assembly import Assembly
from lastack.live.parking import Parking
from lastack.live.rows import Rows, join
from tests.live.events import CLIENT, SERVER, bundles, rows, steps

_OPEN = steps(1 << 12, "CLOSE SYN_SENT ESTABLISHED", (0, 20), CLIENT, SERVER)
_OTHER = steps(2 << 12, "CLOSE SYN_SENT ESTABLISHED", (1, 21), CLIENT + 1, SERVER)


def test_woken_by_either_end() -> None:
    """An event of the other end, or of the same socket, wakes a connection; others sleep on."""
    for event in (
        steps(9 << 12, "ESTABLISHED CLOSE_WAIT", (50,), SERVER, CLIENT),
        steps(1 << 12, "ESTABLISHED FIN_WAIT1", (50,), CLIENT, SERVER),
    ):
        parking = Parking()
        parking.put(rows(_OPEN, _OTHER))
        assert parking.wake(rows(event)).time.tolist() == [0, 20]
        assert parking.rows.time.tolist() == [1, 21]


def test_nothing_is_lost_in_many_portions() -> None:
    """What was put is there, however many times more was put."""
    parking = Parking()
    for number in range(100):
        parking.put(rows(steps(number << 12, "CLOSE SYN_SENT", (number,), CLIENT + number, SERVER)))
    assert sorted(parking.rows.time.tolist()) == list(range(100))


def _many(count: int) -> Rows:
    """So many open connections, each of another client."""
    numbers = np.arange(count, dtype=np.uint64)
    together = Rows(*map(np.tile, rows(_OPEN), repeat(count)))
    return together._replace(
        socket=np.repeat((numbers + 5) << np.uint64(12), 2),
        local=np.repeat(np.uint64(CLIENT) + (numbers << np.uint64(4)), 2),
    )


def test_open_connections_cost_little() -> None:
    """With 200,000 connections open, a portion costs far less than their opening did; and they all come back."""
    assembly = Assembly()
    begin = time.process_time()
    assert bundles(assembly, _many(200_000), 1000) == []
    opening = time.process_time() - begin
    begin = time.process_time()
    for number in range(10):
        assert bundles(assembly, join([]), 2000 + number) == []
    assert (time.process_time() - begin) / 10 < opening / 10
    found = bundles(assembly, join([]), 3000, ending=True)
    assert sum(bundle.connections for bundle in found) == 200_000
