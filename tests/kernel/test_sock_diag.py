"""Dumps: repeated when they are not whole, refused when they cannot be."""

import errno
import os
import select
import socket
import struct
import sys
from collections.abc import Callable

import pytest

from lastack.kernel.sock_diag import ATTEMPTS, SockDiagRefusedError, dump, family_requests, open_socket, survey
from lastack.kernel.state_sink import StateSink
from lastack.kernel.stretch import Stretch
from lastack.model.census import Tally
from lastack.tcp.states import CENSUS_MASK
from tests.kernel.private import run_private
from tests.kernel.test_stretch import DONE, LISTENER, REFUSED

LISTEN_MASK = 1 << 10
INTERRUPTED_ROW = LISTENER[:6] + b"\x12\x00" + LISTENER[8:]


class Answers:
    """An opener whose sockets answer a request with datagrams that a kernel sent once."""

    def __init__(self, *dumps: list[bytes]) -> None:
        self.dumps = list(dumps)
        self.kernels: list[socket.socket] = []

    @property
    def opened(self) -> int:
        """How often it was asked for a socket."""
        return len(self.kernels)

    def __call__(self) -> socket.socket:
        """A socket behind which the next dump waits."""
        ours, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 0, 50_000))
        for datagram in self.dumps[min(self.opened, len(self.dumps) - 1)]:
            kernel.send(datagram)
        self.kernels.append(kernel)
        return ours

    def __del__(self) -> None:
        for kernel in self.kernels:
            kernel.close()


def states(sink: StateSink) -> dict[str, int]:
    """What the sink has counted."""
    tally = Tally()
    sink.pour(tally)
    return tally.census().whole.states


def test_a_whole_dump_is_exact_and_asked_for_once() -> None:
    """No message lost: one dump is enough."""
    answers = Answers([LISTENER * 3, LISTENER, DONE])
    sink, exact = survey(StateSink, CENSUS_MASK, opener=answers)
    assert (states(sink), exact, answers.opened) == ({"LISTEN": 4}, True, 1)


class Stretches:
    """What a sink is given: strides, and the local ports of the rows."""

    def __init__(self) -> None:
        self.found: list[tuple[int, list[int]]] = []

    def add(self, stretch: Stretch) -> None:
        """Take it down."""
        ports = zip(stretch.column(20), stretch.column(21), strict=True)
        self.found.append((stretch.stride, [first << 8 | last for first, last in ports]))


def test_rows_that_lie_mixed_come_together() -> None:
    """Those of one length as one stretch, in order, whatever lies between; none is lost when it breaks off."""
    ports = range(1, 41)
    messages = [LISTENER[:20] + port.to_bytes(2, "big") + LISTENER[22:] for port in ports]
    longer = [(len(one) + 4).to_bytes(4, sys.byteorder) + one[4:] + bytes(4) for one in messages]
    datagram = b"".join(longer[at] if at % 3 else messages[at] for at in range(len(messages)))
    expected = [(124, [*ports[::3], *ports[::3]]), (128, [port for port in [*ports, *ports] if (port - 1) % 3])]
    for end in (DONE, LISTENER[:60]):
        sink = Stretches()
        dump(b"anything", sink, Answers([datagram, datagram, end]))
        assert sorted(sink.found) == expected


def test_an_interrupted_dump_is_repeated_from_the_start() -> None:
    """The second, whole one is what counts."""
    answers = Answers([LISTENER * 3 + INTERRUPTED_ROW, DONE], [LISTENER * 2, DONE])
    sink, exact = survey(StateSink, CENSUS_MASK, opener=answers)
    assert (states(sink), exact, answers.opened) == ({"LISTEN": 2}, True, 2)


def test_a_dump_interrupted_each_time_is_reported_as_inexact() -> None:
    """After a bounded number of attempts the last one is given, and said to be inexact."""
    answers = Answers([INTERRUPTED_ROW * 2, DONE])
    sink, exact = survey(StateSink, CENSUS_MASK, opener=answers)
    assert (states(sink), exact, answers.opened) == ({"LISTEN": 2}, False, ATTEMPTS)


@pytest.mark.parametrize("cut", [8, 60, len(LISTENER) - 1])
def test_a_short_message_is_never_silently_wrong(cut: int) -> None:
    """What breaks off is repeated, then reported."""
    sink, exact = survey(StateSink, CENSUS_MASK, opener=Answers([LISTENER, LISTENER[:cut], DONE]))
    assert not exact
    assert states(sink) in ({}, {"LISTEN": 1})


def test_a_dump_without_an_end_does_not_hang() -> None:
    """A kernel that falls silent is reported after the socket's timeout."""
    _, exact = survey(StateSink, CENSUS_MASK, opener=Answers([LISTENER]))
    assert not exact


def test_a_refused_old_request_is_asked_twice_anew() -> None:
    """ENOENT to TCPDIAG_GETSOCK leads to one request for each address family."""
    answers = Answers([REFUSED], [LISTENER, DONE], [LISTENER * 2, DONE])
    sink, exact = survey(StateSink, CENSUS_MASK, opener=answers)
    assert (states(sink), exact) == ({"LISTEN": 3}, True)


def test_a_kernel_that_refuses_both_is_said_to() -> None:
    """No tcp_diag: the error names the errno, and the caller may fall back."""
    with pytest.raises(SockDiagRefusedError, match="ENOENT"):
        survey(StateSink, CENSUS_MASK, opener=Answers([REFUSED]))


def test_both_requests_see_the_same_sockets() -> None:
    """On a real kernel, one walk for both families equals a walk for each."""
    assert run_private(count_both_ways) == ({"LISTEN": 3, "ESTABLISHED": 4}, {"LISTEN": 3, "ESTABLISHED": 4})


def count_both_ways() -> tuple[dict[str, int], dict[str, int]]:
    """Open sockets of both families; count by the old request and by the new ones."""
    servers = [
        socket.create_server(("127.0.0.1", 1000)),
        socket.create_server(("::1", 1001), family=socket.AF_INET6),
        socket.create_server(("127.0.0.2", 1002)),
    ]
    clients = [socket.create_connection(server.getsockname()[:2]) for server in servers[:2]]
    accepted = [server.accept()[0] for server in servers[:2]]
    old, _ = survey(StateSink, CENSUS_MASK)
    new = StateSink()
    for request in family_requests(CENSUS_MASK):
        assert dump(request, new)
    for one in (*servers, *clients, *accepted):
        one.close()
    return states(old), states(new)


def test_lost_messages_of_a_real_kernel_make_it_inexact() -> None:
    """A receive queue that overran (ENOBUFS): the rows that come are counted, but not called exact."""
    exact, found = run_private(dump_after_overrun)
    assert (exact, found) == (False, {"LISTEN": 1})


def dump_after_overrun() -> tuple[bool, dict[str, int]]:
    """Subscribe to destroyed sockets (SKNLGRP_INET_TCP_DESTROY), let the queue overrun, then dump on that socket."""
    netlink = open_socket()
    netlink.bind((0, 0))
    netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    netlink.setsockopt(270, 1, 1)  # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
    server = socket.create_server(("127.0.0.1", 1000))
    for _ in range(100):
        client = socket.create_connection(("127.0.0.1", 1000))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        server.accept()[0].close()
    overrun = select.poll()
    overrun.register(netlink, 0)  # errors alone
    assert overrun.poll(5_000)
    netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sink = StateSink()
    exact = dump(listen_request(), sink, lambda: netlink)
    return exact, {name: count for name, count in states(sink).items() if name == "LISTEN"}


def listen_request() -> bytes:
    """A request for IPv4 listeners."""
    return family_requests(LISTEN_MASK)[0]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EAFNOSUPPORT])
def test_a_forbidden_socket_is_a_refusal(number: int) -> None:
    """Where a filter (a container's seccomp profile) forbids the netlink socket, the error names the errno."""
    assert run_private(open_where_forbidden, number) == os.strerror(number)


def open_where_forbidden(number: int) -> str:
    """Forbid AF_NETLINK by a real seccomp filter, then try."""
    from tests.kernel.seccomp import forbid_netlink  # noqa: PLC0415 - as in the child

    forbid_netlink(number)
    return refusal_of(open_socket)


def refusal_of(call: Callable[[], object]) -> str:
    """What the call's refusal says, without the errno."""
    try:
        call()
    except SockDiagRefusedError as error:
        return error.message.rpartition("] ")[2]
    return ""
