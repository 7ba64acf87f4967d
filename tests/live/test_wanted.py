"""Events of wanted connections."""

import pytest

from lastack.capture.addresses import Addresses
from lastack.kernel.tracepoints_filter import Wanted
from lastack.live.wanted import Filter
from tests.live.events import CLIENT, SERVER, rows, steps

_SIX = bytes(15) + b"\1"


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (Wanted(), [True, True, True]),
        (Wanted(ports=(80,)), [True, True, False]),
        (Wanted(ports=(40000,)), [True, True, False]),
        (Wanted(ports=(443,)), [False, True, True]),  # of the second, the port is not chosen yet
        (Wanted(addresses=(bytes([10, 0, 0, 2]),)), [True, True, False]),
        (Wanted(addresses=(_SIX,)), [False, False, True]),
        (Wanted(family=4), [True, True, False]),
        (Wanted(family=6), [False, False, True]),
        (Wanted(ports=(80,), family=6), [False, False, False]),
    ],
)
def test_passes(wanted: Wanted, passes: list[bool]) -> None:
    """Ports and addresses may be either end's; all that is asked for must hold."""
    addresses = Addresses()
    six = (addresses.number(_SIX) << 16) | 443
    some = rows(
        steps(1, "CLOSE SYN_SENT", (0,), CLIENT, SERVER),
        steps(2, "CLOSE SYN_SENT", (1,), CLIENT & ~0xFFFF, SERVER),
        steps(3, "CLOSE SYN_SENT", (2,), six + 1, six),
    )
    kept = Filter(wanted, addresses.numbered).rows(some).time.tolist()
    assert kept == [time for time, passed in enumerate(passes) if passed]
