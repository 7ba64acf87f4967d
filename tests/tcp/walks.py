"""Walks along the edges of the state table, on the running kernel: each makes a socket take one of them.

Both ends are sockets of one namespace. An end is made deaf by a filter that drops whatever comes for it
(SO_ATTACH_FILTER), which is how segments get lost at the right moment. A walk has a loopback address of its own, by
which it is recognised.
"""

import ctypes
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lastack.tcp.transitions import (
    ABORT,
    ACK_OF_FIN,
    ACK_OF_SYN,
    ACTIVE_OPEN,
    CLOSE_CALL,
    FIN_AND_ACK,
    FIN_IN,
    GIVE_UP,
    OVERFLOW,
    PASSIVE_OPEN,
    REPAIR,
    RST_IN,
    SYN_ACK_IN,
    SYN_IN,
)

__all__ = ["FIRST_PORT", "UNWALKED", "WALKS", "address_of", "walk_all"]

_ATTACH_FILTER, _DETACH_FILTER = 26, 27  # include/uapi/asm-generic/socket.h
_FASTOPEN, _REPAIR = 23, 19  # include/uapi/linux/tcp.h
_MSG_FASTOPEN = 0x20000000
_DROP = struct.pack("HBBI", 0x06, 0, 0, 0)
_DEADLINE_S = 20.0
_STATE = socket.IPPROTO_TCP, socket.TCP_INFO, 1

# Beyond the ports that the kernel gives out by itself: what has one of these is a walk's.
FIRST_PORT = 61_000

# Edges that no walk takes, and why.
UNWALKED = {
    ("TIME_WAIT", "2MSL over"): "takes a minute, and no tracepoint shows it; the lab's censuses see it happen",
    ("TIME_WAIT", RST_IN): "a time-wait bucket is no socket: no tracepoint shows what becomes of it",
    ("TIME_WAIT", SYN_IN): "as above; the new connection is a new socket, which comes from LISTEN",
    ("TIME_WAIT", ACTIVE_OPEN): "as above; the new connection is a new socket, which comes from CLOSE",
    ("FIN_WAIT2", GIVE_UP): "happens in a time-wait bucket, or after more than a minute (tcp_fin_timeout above 60)",
    ("SYN_RECV", RST_IN): "a request is no socket; with TCP_FASTOPEN it is one, but its client's kernel sends no reset",
    ("CLOSE", "bind()"): "both have the number of CLOSE: only sock_diag tells them apart",
    ("BOUND_INACTIVE", PASSIVE_OPEN): "as above: shown as CLOSE to LISTEN",
    ("BOUND_INACTIVE", ACTIVE_OPEN): "as above: shown as CLOSE to SYN_SENT",
    ("BOUND_INACTIVE", CLOSE_CALL): "as above: not shown",
}


def address_of(number: int) -> str:
    """The address of a walk."""
    return f"127.77.{number}.1"


class Walk:
    """What a walk is made with: its address, and sockets that live until all walks are done."""

    def __init__(self, number: int) -> None:
        self._address, self._port = address_of(number), FIRST_PORT + 4 * number
        self._kept: list[socket.socket] = []
        self.impatient: set[tuple[int, int]] = set()

    def fresh(self) -> socket.socket:
        """A socket with the walk's address."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self._address, self._port))
        self._port += 1
        made.settimeout(_DEADLINE_S)
        self._kept.append(made)
        return made

    def listener(self) -> socket.socket:
        """A listening one."""
        made = self.fresh()
        made.listen(8)
        return made

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """A connection: client and server."""
        listener, client = self.listener(), self.fresh()
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        self._kept.append(server)
        return client, server

    def half_open(self) -> socket.socket:
        """A server's socket in SYN_RECV: by TCP_FASTOPEN, whose client does not hear the SYN-ACK."""
        listener, client = self.fresh(), self.fresh()
        listener.setsockopt(socket.IPPROTO_TCP, _FASTOPEN, 8)
        listener.listen(8)
        deaf(client)
        client.settimeout(0)
        with suppress(BlockingIOError):
            client.sendto(b"data", _MSG_FASTOPEN, listener.getsockname())
        server, _ = listener.accept()
        self._kept.append(server)
        return server

    def nobody(self) -> socket.socket:
        """A socket whose connect() nobody answers."""
        listener, client = self.listener(), self.fresh()
        deaf(listener)
        client.settimeout(0)
        with suppress(BlockingIOError):
            client.connect(listener.getsockname())
        return client

    def hurry(self, end: socket.socket) -> socket.socket:
        """Let it give up soon."""
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 300)
        self.impatient.add((end.getsockname()[1], end.getpeername()[1] if end.getsockopt(*_STATE)[0] != 2 else 0))
        return end

    def crossed(self) -> tuple[socket.socket, socket.socket]:
        """Two ends whose FINs crossed: the first in CLOSING, the second still deaf in FIN_WAIT1."""
        first, second = self.pair()
        deaf(first)
        deaf(second)
        first.shutdown(socket.SHUT_WR)
        second.shutdown(socket.SHUT_WR)
        hear(first)
        reach(first, 11)
        return first, second


def deaf(end: socket.socket) -> None:
    """Drop whatever comes for it."""
    program = ctypes.create_string_buffer(_DROP, len(_DROP))
    end.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(program)))


def hear(end: socket.socket) -> None:
    """Undo that."""
    end.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)


def reach(end: socket.socket, state: int) -> None:
    """Wait until the kernel says that a socket is in a state."""
    deadline = time.monotonic() + _DEADLINE_S
    while end.getsockopt(*_STATE)[0] != state:
        assert time.monotonic() < deadline, f"did not reach state {state}"
        time.sleep(0.002)


def abort(end: socket.socket) -> None:
    """close() that discards: a reset."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()


def _active_close(walk: Walk) -> None:
    client, server = walk.pair()
    client.shutdown(socket.SHUT_WR)
    reach(client, 5)
    server.close()


def _crossing_fins(walk: Walk) -> None:
    _, second = walk.crossed()
    hear(second)


def _fin_with_ack(walk: Walk) -> None:
    client, server = walk.pair()
    deaf(client)
    client.shutdown(socket.SHUT_WR)
    reach(server, 8)
    server.shutdown(socket.SHUT_WR)
    hear(client)


def _self_connect(walk: Walk) -> None:
    alone = walk.fresh()
    alone.connect(alone.getsockname())


def _refused(walk: Walk) -> None:
    closed = walk.listener()
    name = closed.getsockname()
    closed.close()
    with suppress(ConnectionRefusedError):
        walk.fresh().connect(name)


def _reset_after_shutdown(walk: Walk) -> None:
    client, server = walk.pair()
    client.shutdown(socket.SHUT_WR)
    reach(client, 5)
    abort(server)


def _reset_in_fin_wait1(walk: Walk) -> None:
    client, server = walk.pair()
    deaf(client)
    client.shutdown(socket.SHUT_WR)
    reach(server, 8)
    hear(client)
    abort(server)


def _half_closed(walk: Walk) -> tuple[socket.socket, socket.socket]:
    """A client in FIN_WAIT2, a server in CLOSE_WAIT."""
    client, server = walk.pair()
    client.shutdown(socket.SHUT_WR)
    reach(client, 5)
    reach(server, 8)
    return client, server


def _last_ack(walk: Walk) -> tuple[socket.socket, socket.socket]:
    """A deaf client in FIN_WAIT2, a server in LAST_ACK."""
    client, server = _half_closed(walk)
    deaf(client)
    server.shutdown(socket.SHUT_WR)
    return client, server


def _reset_in_closing(walk: Walk) -> None:
    abort(walk.crossed()[1])


def _give_up_established(walk: Walk) -> None:
    client, server = walk.pair()
    deaf(client)
    deaf(server)
    walk.hurry(client).send(b"data")


def _give_up_close_wait(walk: Walk) -> None:
    client, server = _half_closed(walk)
    deaf(client)
    deaf(server)
    walk.hurry(server).send(b"data")


def _give_up_fin_wait1(walk: Walk) -> None:
    client, server = walk.pair()
    deaf(server)
    walk.hurry(client).close()


def _give_up_closing(walk: Walk) -> None:
    first, _ = walk.crossed()
    deaf(first)
    walk.hurry(first).close()


def _give_up_last_ack(walk: Walk) -> None:
    client, server = _half_closed(walk)
    deaf(client)
    walk.hurry(server).close()


def _overflow(walk: Walk) -> None:
    limit = Path("/proc/sys/net/ipv4/tcp_max_tw_buckets")
    usual = limit.read_text()
    limit.write_text("0")
    client, server = _half_closed(walk)
    server.close()
    reach(client, 7)
    limit.write_text(usual)


def _repair(walk: Walk) -> None:
    listener, client = walk.listener(), walk.fresh()
    client.setsockopt(socket.IPPROTO_TCP, _REPAIR, 1)
    client.connect(listener.getsockname())


def _abort_shut(walk: Walk) -> None:
    client, server = walk.pair()
    deaf(client)
    deaf(server)
    client.shutdown(socket.SHUT_WR)
    abort(client)


# How to take each edge.
WALKS: dict[tuple[str, str], Callable[[Walk], object]] = {
    # Those that take time begin first.
    ("SYN_SENT", GIVE_UP): lambda walk: walk.hurry(walk.nobody()),
    ("SYN_RECV", GIVE_UP): lambda walk: walk.hurry(walk.half_open()),
    ("ESTABLISHED", GIVE_UP): _give_up_established,
    ("CLOSE_WAIT", GIVE_UP): _give_up_close_wait,
    ("FIN_WAIT1", GIVE_UP): _give_up_fin_wait1,
    ("CLOSING", GIVE_UP): _give_up_closing,
    ("LAST_ACK", GIVE_UP): _give_up_last_ack,
    ("CLOSE", PASSIVE_OPEN): lambda walk: walk.listener(),
    ("CLOSE", ACTIVE_OPEN): lambda walk: walk.pair(),
    ("LISTEN", SYN_IN): lambda walk: walk.pair(),
    ("LISTEN", CLOSE_CALL): lambda walk: walk.listener().close(),
    ("SYN_SENT", SYN_ACK_IN): lambda walk: walk.pair(),
    ("SYN_SENT", SYN_IN): _self_connect,
    ("SYN_SENT", CLOSE_CALL): lambda walk: walk.nobody().close(),
    ("SYN_RECV", ACK_OF_SYN): lambda walk: walk.pair(),
    ("SYN_RECV", CLOSE_CALL): lambda walk: walk.half_open().close(),
    ("ESTABLISHED", CLOSE_CALL): _active_close,
    ("ESTABLISHED", FIN_IN): _active_close,
    ("FIN_WAIT1", ACK_OF_FIN): _active_close,
    ("FIN_WAIT1", FIN_IN): _crossing_fins,
    ("FIN_WAIT1", FIN_AND_ACK): _fin_with_ack,
    ("FIN_WAIT2", FIN_IN): _active_close,
    ("CLOSING", ACK_OF_FIN): _crossing_fins,
    ("CLOSE_WAIT", CLOSE_CALL): _active_close,
    ("LAST_ACK", ACK_OF_FIN): _active_close,
    ("SYN_SENT", RST_IN): _refused,
    ("ESTABLISHED", RST_IN): lambda walk: abort(walk.pair()[0]),
    ("FIN_WAIT1", RST_IN): _reset_in_fin_wait1,
    ("FIN_WAIT2", RST_IN): _reset_after_shutdown,
    ("CLOSE_WAIT", RST_IN): lambda walk: abort(_half_closed(walk)[0]),
    ("CLOSING", RST_IN): _reset_in_closing,
    ("LAST_ACK", RST_IN): lambda walk: abort(_last_ack(walk)[0]),
    ("SYN_RECV", ABORT): lambda walk: abort(walk.half_open()),
    ("ESTABLISHED", ABORT): lambda walk: abort(walk.pair()[0]),
    ("FIN_WAIT1", ABORT): _abort_shut,
    ("FIN_WAIT2", ABORT): lambda walk: abort(_half_closed(walk)[0]),
    ("CLOSE_WAIT", ABORT): lambda walk: abort(_half_closed(walk)[1]),
    ("CLOSING", ABORT): lambda walk: abort(walk.crossed()[0]),
    ("LAST_ACK", ABORT): lambda walk: abort(_last_ack(walk)[1]),
    ("FIN_WAIT1", OVERFLOW): _overflow,
    ("FIN_WAIT2", OVERFLOW): _overflow,
    ("SYN_SENT", REPAIR): _repair,
}


def walk_all() -> None:
    """Take every walk, in this process's namespace; returns when those that give up have done so."""
    Path("/proc/sys/net/ipv4/tcp_fastopen").write_text("1539")  # client, server, both without cookies: 0x603
    Path("/proc/sys/net/ipv4/tcp_synack_retries").write_text("1")
    walks = [Walk(number) for number in range(len(WALKS))]
    for walk, take in zip(walks, WALKS.values(), strict=True):
        take(walk)
    hurried = set[tuple[int, int]]().union(*(walk.impatient for walk in walks))
    deadline = time.monotonic() + _DEADLINE_S
    while hurried & _there() and time.monotonic() < deadline:
        time.sleep(0.05)


def _there() -> set[tuple[int, int]]:
    """The ports of all sockets that are there, local and remote; 0 for the remote one in SYN_SENT."""
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return {(int(row[1][9:], 16), int(row[2][9:], 16) if row[3] != "02" else 0) for row in rows}
