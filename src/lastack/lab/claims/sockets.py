"""The sockets of the namespace that we are in, a row each, from sock_diag."""

import struct
from typing import NamedTuple

from lastack.kernel.decode import address, port
from lastack.kernel.sock_diag import survey
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import Stretch
from lastack.tcp.states import CENSUS_MASK

__all__ = ["Row", "rows"]

# struct inet_diag_msg behind its nlmsghdr: family, state, timer, retransmits; ports; addresses; interface, cookie;
# expires, receive queue, send queue, uid, inode.
_ROW = struct.Struct("=16x BBBB 2s2s 16s16s I 8s I II I I")


class Row(NamedTuple):
    """A socket.

    Attributes:
        state: canonical name.
        local: its address and port.
        remote: the peer's.
        expires_ms: until its timer fires; of a mini-socket, until it is gone.
        retransmits: so far, of what waits for its acknowledgement.
        queued: bytes to be read; of a listener, connections that wait for accept().
        limit: bytes that wait for their acknowledgement; of a listener, its backlog.
    """

    state: str
    local: tuple[str, int]
    remote: tuple[str, int]
    expires_ms: int
    retransmits: int
    queued: int
    limit: int


class _Rows:
    def __init__(self) -> None:
        self.found: list[Row] = []

    def add(self, stretch: Stretch) -> None:
        for at in range(0, stretch.messages * stretch.stride, stretch.stride):
            self.found.append(_row(_ROW.unpack_from(stretch.rows, at)))


def rows() -> list[Row]:
    """All of them, mini-sockets and half-open requests included."""
    return survey(_Rows, CENSUS_MASK)[0].found


def _row(fields: tuple[int, int, int, int, bytes, bytes, bytes, bytes, int, bytes, int, int, int, int, int]) -> Row:
    family, state, _, retransmits, local_port, remote_port, local, remote, *_, expires, queued, limit, _, _ = fields
    return Row(
        state_name(state),
        (address(family, local), port(local_port)),
        (address(family, remote), port(remote_port)),
        expires,
        retransmits,
        queued,
        limit,
    )
