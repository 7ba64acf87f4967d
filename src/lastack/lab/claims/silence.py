"""Connections to a peer that has vanished: it answers nothing, and sees all that is sent to it."""

import errno
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from lastack.lab.claims.end import Count, Option
from lastack.lab.claims.segment import ACK
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.tap import Puppet
from lastack.lab.claims.wait import seconds_until

__all__ = ["PORT", "Silence", "silence"]

PORT = 1001  # the peer's


class Silence(NamedTuple):
    """A connection of the server's to a peer that went silent.

    Attributes:
        puppet: the peer.
        socket: the server's.
        counters: the server's counters since then.
        start: the moment.
    """

    puppet: Puppet
    socket: socket.socket
    counters: Count
    start: float

    @property
    def probes(self) -> int:
        """ACKs that the puppet got for nothing."""
        return len(self.puppet.answers(PORT, ACK))

    def dies(self, patience_s: float) -> tuple[str, float | None]:
        """Its error, and after how many seconds from the start."""
        found: list[int] = []

        def error() -> int:
            found.append(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            return found[-1]

        took = seconds_until(error, patience_s, self.start)
        return errno.errorcode.get(found[-1], "open"), took


def silence(stage: Stage, options: Sequence[Option] = ()) -> Silence:
    """A connection on port 80 to a puppet that says no more; ``options``: the server's socket has them."""
    door, puppet = stage.server.listen(), stage.puppet()
    puppet.connect(PORT)
    accepted = stage.take(door)
    for option in options:
        accepted.setsockopt(*option)
    return Silence(puppet, accepted, stage.server.count(), time.monotonic())
