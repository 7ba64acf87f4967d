"""Flow and Limits: the connections that are wanted, and what there is for them."""

from typing import Literal

from msgspec import Struct

from lastack.errors import UsageError
from lastack.model.census import TIME_WAIT_S

__all__ = ["WAIT_S", "Flow", "Limits"]

# TIME_WAIT's 60 s, and what the timer wheel adds to them: with 250 ticks a second it looks every 2 s that far ahead.
WAIT_S = TIME_WAIT_S + 1.0


class Flow(Struct, frozen=True, kw_only=True):
    """Connections of one kind, as they are wanted, seen from one end: this one.

    Attributes:
        name: what to call it: a destination, a listener.
        role: ``active``: this end connects; ``passive``: it is connected to.
        rate_per_s: connections wanted a second.
        handshake_s: from SYN to ESTABLISHED: a round trip.
        hold_s: in ESTABLISHED, on average.
        linger_s: from the first close to the second: how long the side that closes second takes.
        closes: which end closes first, and so has the TIME_WAIT.
        ports: local ports that these connections can have; None: a passive end needs none of its own.
        peer_ports: for a passive end that closes first: ports that its clients draw from, those of all their addresses
            together. A client that comes back with a port whose last connection is still in TIME_WAIT here takes its
            place. None: so many that none does.
        reuse_s: age from which connect() takes a port over from TIME_WAIT (``tcp_tw_reuse_delay``); None: never.
        wait_s: how long what is closed is remembered: TIME_WAIT's 60 s, or a table's timeout (conntrack: 120 s).

    Raises:
        UsageError: ``bad-load``: a number that is below 0, no ports, or a port that is taken over at once.
    """

    name: str
    role: Literal["active", "passive"] = "active"
    rate_per_s: float
    handshake_s: float = 0.0
    hold_s: float = 0.0
    linger_s: float = 0.0
    closes: Literal["here", "there"] = "here"
    ports: int | None = None
    peer_ports: int | None = None
    reuse_s: float | None = None
    wait_s: float = WAIT_S

    def __post_init__(self) -> None:
        numbers = (self.rate_per_s, self.handshake_s, self.hold_s, self.linger_s, self.wait_s)
        no_ports = self.ports is not None and self.ports < 1
        at_once = self.reuse_s is not None and self.reuse_s <= 0
        if not all(0 <= number < float("inf") for number in numbers) or no_ports or at_once:
            hint = "rates and times from 0, ports from 1, a time to take over above 0"
            raise UsageError("bad-load", f"{self.name}: there is no such load", hint)

    @property
    def open_s(self) -> float:
        """How long a connection has its port before TIME_WAIT, if it comes to that."""
        return self.handshake_s + self.hold_s + self.linger_s

    @property
    def blocks_s(self) -> float:
        """How long a connection keeps its port from the next one."""
        if self.closes == "there":
            return self.open_s
        return self.open_s + (self.wait_s if self.reuse_s is None else min(self.reuse_s, self.wait_s))


class Limits(Struct, frozen=True, kw_only=True):
    """What all flows of a host share. None: not known, or no limit.

    Attributes:
        tw_buckets: ``tcp_max_tw_buckets``.
        files: that the process, or all of them, may have open.
        conntrack: ``nf_conntrack_max``.
        conntrack_wait_s: ``nf_conntrack_tcp_timeout_time_wait``.
    """

    tw_buckets: int | None = None
    files: int | None = None
    conntrack: int | None = None
    conntrack_wait_s: float = 120.0
