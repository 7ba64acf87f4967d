"""What a listener's queues do with more than they can take."""

from math import inf

from msgspec import Struct

__all__ = ["Queue", "half_open", "synack_life_s"]


class Queue(Struct, frozen=True, kw_only=True):
    """An accept queue, and the program behind it.

    Attributes:
        backlog: as listen() got it, cut to somaxconn; one more fits (sk_acceptq_is_full, include/net/sock.h).
        accepts_per_s: as many as the program takes.
    """

    backlog: int
    accepts_per_s: float

    @property
    def capacity(self) -> int:
        """Connections that fit."""
        return self.backlog + 1

    def fills_in_s(self, rate_per_s: float) -> float | None:
        """Seconds from empty to full at that rate; None: never.

        >>> Queue(backlog=128, accepts_per_s=1000).fills_in_s(1129)
        1.0
        """
        excess = rate_per_s - self.accepts_per_s
        return self.capacity / excess if excess > 0 else None

    def absorbs(self, rate_per_s: float) -> float:
        """How long a burst of that rate may last, in seconds, before the first SYN is dropped."""
        seconds = self.fills_in_s(rate_per_s)
        return inf if seconds is None else seconds

    def lost_share(self, rate_per_s: float) -> float:
        """Of the connections that come at that rate for long, the share for which there is no room."""
        return max(1 - self.accepts_per_s / rate_per_s, 0.0) if rate_per_s else 0.0

    def wait_s(self, rate_per_s: float) -> float:
        """How long a connection waits at last: a full queue's length, or next to nothing."""
        return self.capacity / self.accepts_per_s if rate_per_s > self.accepts_per_s else 0.0


def synack_life_s(retries: int) -> float:
    """How long a request that nobody answers stays in SYN_RECV: a second, doubled with each SYN-ACK sent again.

    >>> synack_life_s(5)
    63.0
    """
    return float(2 ** (retries + 1) - 1)


def half_open(rate_per_s: float, backlog: int, retries: int = 5) -> float:
    """Requests in SYN_RECV under so many SYNs a second that nobody follows up: Little's law, up to the backlog.

    A queue that is more than half full of old requests repeats fewer SYN-ACKs (reqsk_timer_handler,
    net/ipv4/inet_connection_sock.c): then it is an upper bound.
    """
    return min(rate_per_s * synack_life_s(retries), backlog + 1.0)
