"""TIME_WAIT that another connection takes over."""

from lastack.live.assembly import Assembly
from lastack.live.rows import Rows, join
from lastack.live.telling import Teller
from tests.live.events import CLIENT, SERVER, rows, steps

_SECOND = 1_000_000_000
_WAITS = "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE"


def _one(start: int) -> Rows:
    """A client's connection that ends in its TIME_WAIT, a microsecond long."""
    return rows(steps(1 << 20, _WAITS, [start + at for at in (0, 200, 400, 600, 800)], CLIENT, SERVER))


def _taken_over(*portions: Rows) -> list[str]:
    """What each connection takes over, in the order of their beginnings."""
    assembly, teller = Assembly(), Teller({}, str, 0)
    found = []
    for number, portion in enumerate(portions, start=1):
        for bundle in teller.bundles(assembly.add(portion, number << 50)):
            found += [(time, bundle.outcome.took_over) for time in bundle.times[:, 0].tolist()]
    return [side for _, side in sorted(found)]


def test_within_a_minute() -> None:
    """The next connection between the same ports takes it over; after a minute there is none."""
    assert _taken_over(_one(0), _one(2 * _SECOND)) == ["", "orig"]
    assert _taken_over(_one(0), _one(70 * _SECOND)) == ["", ""]


def test_in_one_portion() -> None:
    """Three in a row, told at once: each takes over the one before."""
    together = join([_one(0), _one(_SECOND), _one(2 * _SECOND)])
    assert _taken_over(together) == ["", "orig", "orig"]


def test_a_servers() -> None:
    """A server that closed first has the TIME_WAIT, and its client's next SYN takes it over."""
    server = "LISTEN SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE"
    first, second = (
        rows(steps(1 << 20, server, [start + at for at in (0, 200, 400, 600, 800)], SERVER, CLIENT))
        for start in (0, _SECOND)
    )
    assert _taken_over(first, second) == ["", "resp"]


def test_other_ports() -> None:
    """Another port of the client takes nothing over."""
    other = rows(steps(1 << 20, _WAITS, [_SECOND + at for at in (0, 200, 400, 600, 800)], CLIENT + 1, SERVER))
    assert _taken_over(_one(0), other) == ["", ""]
