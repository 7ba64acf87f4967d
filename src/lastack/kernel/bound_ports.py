"""Ports that are bound and have no connection, as far as asking for them does no harm.

The kernel finds them by walking all that is bound, and holds the lock of a hash bucket for as long as that takes
(inet_diag_dump_icsk, net/ipv4/inet_diag.c): on a port with half a million connections nobody is accepted for 60 ms.
"""

import socket

from lastack.kernel.sock_diag import survey
from lastack.kernel.stretch import ROW, Stretch

__all__ = ["MOST_ON_A_PORT", "read_bound_ports"]

MOST_ON_A_PORT = 10_000  # connections; the lock is held for a millisecond then

_BOUND_INACTIVE = 1 << 13
_LOCAL_PORT = 4  # of a row's fields


def read_bound_ports(crowd: int) -> list[int] | None:
    """The ports, in order, of the calling thread's namespace; None: not shown (kernels before Linux 6.8) or not asked.

    Args:
        crowd: how many connections the most crowded port here has; beyond ``MOST_ON_A_PORT`` nothing is asked.

    Raises:
        SockDiagRefusedError: there is no sock_diag for TCP here.
    """
    if crowd > MOST_ON_A_PORT:
        return None
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", 0))
        except OSError:  # no port left, or no loopback: whether the kernel shows them cannot be told
            return None
        sink, _ = survey(_PortSink, _BOUND_INACTIVE)
        probed: int = probe.getsockname()[1]
    return sorted(sink.ports - {probed}) if probed in sink.ports else None


class _PortSink:
    def __init__(self) -> None:
        self.ports: set[int] = set()

    def add(self, stretch: Stretch) -> None:
        for at in range(stretch.messages):
            row = ROW.unpack_from(stretch.rows, at * stretch.stride)
            self.ports.add(int.from_bytes(row[_LOCAL_PORT], "big"))
