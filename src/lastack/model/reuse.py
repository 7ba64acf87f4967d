"""Whether a connect() may take its port over from a socket in TIME_WAIT."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from lastack.model.address import is_loopback
from lastack.model.sysctl import integer

__all__ = ["Reuse", "tw_reuse"]

_DELAY_MS = 1000  # fixed before Linux 6.14; since then the default of tcp_tw_reuse_delay


class Reuse(NamedTuple):
    """Whether a connect() may take over a port from TIME_WAIT (tcp_twsk_unique, net/ipv4/tcp_ipv4.c).

    Attributes:
        kind: ``none``; ``certain``: the peer is this namespace itself; ``if-peer-has-timestamps``, which is not
            visible from here.
        delay_s: the age from which it may.
    """

    kind: Literal["none", "certain", "if-peer-has-timestamps"]
    delay_s: float


def tw_reuse(settings: Mapping[str, str], local: str, remote: str) -> Reuse:
    """Whether connections between two addresses may reuse ports in TIME_WAIT, as far as this side decides.

    ``tcp_tw_reuse`` is 1, or 2 and an end is loopback; and both ends use timestamps. A peer at a loopback address
    is in this very namespace, and so is its ``tcp_timestamps``.
    """
    reuse = integer(settings, "net.ipv4.tcp_tw_reuse")
    loopback = is_loopback(local) or is_loopback(remote)
    delay_s = (integer(settings, "net.ipv4.tcp_tw_reuse_delay") or _DELAY_MS) / 1000
    if not integer(settings, "net.ipv4.tcp_timestamps") or not (reuse == 1 or (reuse == 2 and loopback)):
        return Reuse("none", delay_s)
    return Reuse("certain" if loopback else "if-peer-has-timestamps", delay_s)
