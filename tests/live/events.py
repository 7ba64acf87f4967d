"""Events of made-up sockets, for tests of what becomes of them."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from lastack.live.assembly import Assembly
from lastack.live.rows import CHANGE, Rows, join
from lastack.live.telling import Teller
from lastack.tcp.bundle import Bundle

__all__ = ["CLIENT", "SERVER", "Step", "bundles", "rows", "steps"]

CLIENT, SERVER = (0x0A000001 << 16) | 40000, (0x0A000002 << 16) | 80  # 10.0.0.1:40000, 10.0.0.2:80

_NUMBERS = {"ESTABLISHED": 1, "SYN_SENT": 2, "SYN_RECV": 3, "FIN_WAIT1": 4, "FIN_WAIT2": 5, "CLOSE": 7}
_NUMBERS |= {"CLOSE_WAIT": 8, "LAST_ACK": 9, "LISTEN": 10, "CLOSING": 11}  # include/net/tcp_states.h

# Time, socket, kind, state or number before, after, local, remote, process.
Step = tuple[int, int, int, int, int, int, int, int]


def steps(socket: int, path: str, times: Iterable[int], local: int, remote: int, pid: int = 0) -> list[Step]:
    """A socket's way through states: ``CLOSE SYN_SENT ESTABLISHED``, with the times of its steps."""
    states = [_NUMBERS[name] for name in path.split()]
    pairs = zip(times, pairwise(states), strict=True)
    return [(time, socket, CHANGE, old, new, local, remote, pid) for time, (old, new) in pairs]


def rows(*told: list[Step]) -> Rows:
    """The columns of steps, in the order given."""
    columns = list(zip(*(one for some in told for one in some), strict=True))
    return Rows(*(np.array(column, like.dtype) for column, like in zip(columns, join([]), strict=True)))


def bundles(assembly: Assembly, some: Rows, until: int = 1 << 40, *, ending: bool = False) -> list[Bundle]:
    """What an assembly gives for them, told."""
    teller = Teller({12: "TCP_ABORT_ON_LINGER"}, lambda pid: f"program/{pid}", 0)
    return list(teller.bundles(assembly.add(some, until, ending=ending)))
