"""What sockets occupy: the buffers that the kernel charges them with, and the objects that they are.

Source: INET_DIAG_SKMEMINFO, sock_diag(7), which every user may ask for; sk_get_meminfo (net/core/sock.c).
"""

import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from lastack.kernel.sock_diag import SockDiagRefusedError, open_socket
from lastack.tcp.states import CENSUS_MASK

__all__ = ["OPEN_BYTES", "ORPHAN_BYTES", "REQUEST_BYTES", "TIME_WAIT_BYTES", "SocketMemory", "socket_memory"]

# Objects in their slabs, Linux 6.18 on x86-64: TCP; with a socket's inode and a file; tw_sock_TCP; request_sock_TCP.
ORPHAN_BYTES, OPEN_BYTES, TIME_WAIT_BYTES, REQUEST_BYTES = 2368, 2368 + 832 + 192, 256, 320

_ASK = struct.Struct("=IHHII BBBB I 48x")  # nlmsghdr; family, protocol, extensions, pad, states, id
_SKMEMINFO = 7
_HEADER = struct.Struct("=IHHII")
_ROW = struct.Struct("=xBB65xI")  # struct inet_diag_msg: family, state, timer, ..., inode
_ATTRIBUTE = struct.Struct("=HH")
_MEMINFO = struct.Struct("=8I")  # rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog
_DONE, _ERROR = 3, 2
_SYN_RECV, _NEW_SYN_RECV = 3, 12
_TIME_WAIT_TIMER = 3  # TIME_WAIT, and the mini-sockets of orphans in FIN_WAIT2


class SocketMemory(NamedTuple):
    """Bytes of the kernel's that the sockets of a namespace occupy.

    Attributes:
        sockets: how many they are.
        buffers: charged to them, for data under way and room set aside for it.
        objects: the sockets themselves.
    """

    sockets: int
    buffers: int
    objects: int

    @property
    def per_socket(self) -> float | None:
        """Mean of a socket; None of no socket."""
        return (self.buffers + self.objects) / self.sockets if self.sockets else None


def socket_memory() -> SocketMemory | None:
    """Those of the namespace that the calling thread is in; None where there is no sock_diag."""
    sockets = buffers = objects = 0
    try:
        for size, charged in (row for family in (socket.AF_INET, socket.AF_INET6) for row in _rows(family)):
            sockets += 1
            buffers += charged
            objects += size
    except (SockDiagRefusedError, OSError):
        return None
    return SocketMemory(sockets, buffers, objects)


def _object_bytes(state: int, timer: int, inode: int) -> int:
    if timer == _TIME_WAIT_TIMER:
        return TIME_WAIT_BYTES
    if state in {_SYN_RECV, _NEW_SYN_RECV}:
        return REQUEST_BYTES
    return OPEN_BYTES if inode else ORPHAN_BYTES


def _rows(family: int) -> Iterator[tuple[int, int]]:
    """Bytes of the object, and charged bytes, of each socket of a family."""
    extension = 1 << (_SKMEMINFO - 1)
    with open_socket() as sock:
        sock.send(_ASK.pack(_ASK.size, 20, 0x301, 1, 0, family, socket.IPPROTO_TCP, extension, 0, CENSUS_MASK))
        while True:
            answer = sock.recv(1 << 16)
            at = 0
            while at < len(answer):
                length, kind, _, _, _ = _HEADER.unpack_from(answer, at)
                if kind in {_DONE, _ERROR}:
                    return
                row = _ROW.unpack_from(answer, at + _HEADER.size)
                yield _object_bytes(*row), _charged(answer[at + _HEADER.size + _ROW.size : at + length])
                at += (length + 3) & ~3


def _charged(attributes: bytes) -> int:
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if kind == _SKMEMINFO:
            received, _, sent, _, ahead, _, options, backlog = _MEMINFO.unpack_from(attributes, at + _ATTRIBUTE.size)
            return int(received + sent + ahead + options + backlog)
        at += max((length + 3) & ~3, _ATTRIBUTE.size)
    return 0
