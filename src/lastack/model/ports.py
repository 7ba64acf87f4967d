"""How many local ports a destination has left, and when the last one goes: arithmetic, nothing else.

connect() needs a local port that no other socket uses towards the same (local, remote, remote port), found inside
``net.ipv4.ip_local_port_range`` (__inet_hash_connect, net/ipv4/inet_hashtables.c). It skips the ports of
``ip_local_reserved_ports`` and every port that a bind() or listen() took, on whatever address. A closed connection
blocks its port while it is in TIME_WAIT: 60 s, or ``tcp_tw_reuse_delay`` where ``tcp_tw_reuse`` applies.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from msgspec import Struct

__all__ = ["HORIZON_S", "Load", "PortPool", "blocked", "pool", "seconds_to_exhaustion"]

# Further ahead, the rates of the last minute say nothing.
HORIZON_S = 86_400


class PortPool(Struct, frozen=True, kw_only=True):
    """The ports that connect() may choose from, for each destination anew.

    Attributes:
        low: first port of ``ip_local_port_range``.
        high: its last port.
        reserved: ports inside the range that ``ip_local_reserved_ports`` sets aside.
        bound: ports inside the range, not reserved, that a bind() or listen() holds.
        bound_complete: False where ports held by bind() alone are out of sight.
    """

    low: int
    high: int
    reserved: int
    bound: int
    bound_complete: bool

    @property
    def available(self) -> int:
        """Ports that connections to one destination can have."""
        return self.high - self.low + 1 - self.reserved - self.bound


def pool(
    span: tuple[int, int], reserved: Iterable[tuple[int, int]], bound: Iterable[int], *, bound_complete: bool
) -> PortPool:
    """The pool of a port range, less its reserved ranges (both ends included) and its bound ports."""
    low, high = span
    set_aside = {port for first, last in reserved for port in range(max(first, low), min(last, high) + 1)}
    held = {port for port in bound if low <= port <= high} - set_aside
    return PortPool(low=low, high=high, reserved=len(set_aside), bound=len(held), bound_complete=bound_complete)


def blocked(closes: Sequence[int], hold_s: float, after_s: int = 0) -> float:
    """Ports that the closes of the last minute still block ``after_s`` seconds from now.

    Args:
        closes: TIME_WAIT entries a second, newest last: the last item happened less than a second ago.
        hold_s: how long each blocks its port, up to 60.
        after_s: whole seconds from now.

    >>> blocked([5, 3, 2], 2.0), blocked([5, 3, 2], 2.0, after_s=1), blocked([5, 3, 2], 0.5)
    (5.0, 2.0, 1.0)
    """
    window = hold_s - after_s
    return sum(count * min(window - age, 1.0) for age, count in enumerate(reversed(closes)) if age < window)


class Load(NamedTuple):
    """What uses the ports of one destination, and will.

    Attributes:
        held: ports in use by anything but TIME_WAIT.
        closes: TIME_WAIT entries a second, newest last.
        rate: closes a second to come.
        growth: by how much ``held`` grows a second; negative where it falls.
        hold_s: how long a close blocks its port, up to 60.
    """

    held: int
    closes: Sequence[int]
    rate: float
    growth: float = 0.0
    hold_s: float = 60.0

    def used(self, after_s: int) -> float:
        """Ports in use so many seconds from now: the open ones, TIME_WAIT not yet over, and what the rates add."""
        held = max(self.held + self.growth * after_s, 0.0)
        return held + blocked(self.closes, self.hold_s, after_s) + self.rate * min(after_s, self.hold_s)


def seconds_to_exhaustion(available: int, load: Load) -> int | None:
    """Whole seconds until no port is left, 0 if none is now, None if it does not come to that."""
    turnover = ceil(load.hold_s)
    # Nearly always all of it together fits, and no second needs a look of its own.
    if load.used(0) + (max(load.growth, 0.0) + load.rate) * turnover >= available:
        for second in range(turnover + 1):
            if load.used(second) >= available:
                return second
    # From here on as many TIME_WAIT end as begin, and only growth can use ports up.
    left = available - load.held - load.rate * load.hold_s
    if load.growth <= 0 or left > load.growth * HORIZON_S:
        return None
    return ceil(left / load.growth)
