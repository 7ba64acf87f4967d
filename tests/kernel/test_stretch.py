"""Netlink bytes in, stretches out."""

import socket
import struct
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.errors import TruncatedError
from lastack.kernel.stretch import DumpError, Parser, Stretch

# Recorded from Linux 6.18: the answer to a request for sockets of SCTP, which this kernel has no module for.
REFUSED = bytes.fromhex("140000000300020001000000cd42ccbcfeffffff")
# Recorded from Linux 6.18: the answer to a request that is too short.
TOO_SHORT = bytes.fromhex("2c000000020000000100000048350000eaffffff180000001200010301000000000000000000000000000000")
# Recorded from Linux 6.18: the end of a dump.
DONE = bytes.fromhex("140000000300020001000000ac35000000000000")
# Recorded from Linux 6.18: a listener on port 2024 (IPv4, wildcard), as TCPDIAG_GETSOCK shows it to root.
LISTENER = bytes.fromhex(
    "7c000000120002000100000025570000020a000007e80000000000000000000000000000000000000000000000000000"
    "0000000000000000000000009a171f000000000000000000000000008000000000000000ad0500000500080000000000"
    "08000f00000000000c00150001000000000000000600160052000000"
)


def rows(datagram: bytes) -> list[Stretch]:
    """The stretches of a datagram."""
    return [item for item in Parser().parse(memoryview(datagram)) if isinstance(item, Stretch)]


def message(length: int, state: int, kind: int = 18, flags: int = 2) -> bytes:
    """A message as the kernel makes it, with zeros where a test does not look."""
    return struct.pack("=IHHII BB", length, kind, flags, 1, 0, socket.AF_INET, state).ljust(length, b"\0")


def test_a_recorded_listener_is_one_stretch_of_its_length() -> None:
    """The stride is the message's length, attributes included, and columns are its bytes."""
    (stretch,) = rows(LISTENER)
    assert (stretch.stride, stretch.messages, stretch.column(17)) == (124, 1, b"\x0a")
    assert stretch.words(84) == [1453]


def test_neighbours_of_one_length_are_one_stretch() -> None:
    """Runs end where the length changes, however long they are."""
    lengths = [88] * 300 + [96] * 7 + [88] + [124] * 70
    found = rows(b"".join(message(length, 6) for length in lengths) + DONE)
    assert [(stretch.stride, stretch.messages) for stretch in found] == [(88, 300), (96, 7), (88, 1), (124, 70)]


def test_bytes_that_look_like_a_header_do_not_fool_it() -> None:
    """Only what stands where a header must be is taken for one."""
    row = message(88, 6)
    decoy = message(176, 1)[:88] + row
    found = [(stretch.stride, stretch.column(17)) for stretch in rows(row + decoy + row + decoy)]
    assert found == [(88, b"\6"), (88, b"\6"), (176, b"\1\1")]


@given(st.lists(st.tuples(st.sampled_from([88, 90, 96, 124]), st.integers(1, 90)), max_size=12), st.data())
def test_however_rows_lie_they_come_in_order(runs: list[tuple[int, int]], data: st.DataObject) -> None:
    """Those of one length as they would if the chain were walked message by message, whatever comes between."""
    lengths = [length for length, count in runs for _ in range(count)]
    chain = [message(length, at % 12).ljust(length + -length % 4, b"\0") for at, length in enumerate(lengths)]
    cut = data.draw(st.integers(0, len(chain)))
    parser = Parser()
    found: dict[int, bytes] = defaultdict(bytes)
    for datagram in (chain[:cut], [*chain[cut:], DONE]):
        for item in parser.parse(memoryview(b"".join(datagram))):
            if isinstance(item, Stretch):
                assert len(item.rows) == item.messages * item.stride
                found[item.stride] += item.rows
    expected: dict[int, bytes] = defaultdict(bytes)
    for one in chain:
        expected[len(one)] += one
    assert found == expected


def test_the_end_of_a_dump_is_told() -> None:
    """NLMSG_DONE with errno 0 ends it."""
    assert list(Parser().parse(memoryview(DONE))) == ["done"]


@pytest.mark.parametrize(("recorded", "number"), [(REFUSED, 2), (TOO_SHORT, 22)])
def test_a_refusal_carries_the_errno(recorded: bytes, number: int) -> None:
    """NLMSG_ERROR, and NLMSG_DONE with a negative number, are errors."""
    with pytest.raises(DumpError) as caught:
        list(Parser().parse(memoryview(recorded)))
    assert caught.value.number == number


@pytest.mark.parametrize("datagram", [LISTENER, LISTENER + message(88, 6) + DONE, REFUSED, DONE])
def test_cut_anywhere_it_is_whole_rows_or_an_error(datagram: bytes) -> None:
    """A short datagram never becomes a row that the kernel did not send."""
    whole = {bytes(stretch.rows) for stretch in rows(LISTENER + message(88, 6))}
    for cut in range(len(datagram)):
        try:
            found = rows(datagram[:cut])
        except (TruncatedError, DumpError):
            continue
        assert {bytes(stretch.rows) for stretch in found} <= whole


def test_a_row_shorter_than_a_row_is_an_error() -> None:
    """A message of the right type must hold inet_diag_msg."""
    with pytest.raises(TruncatedError, match="socket row"):
        rows(message(40, 6))


def test_a_flag_on_any_message_tells_of_an_interruption() -> None:
    """The kernel puts NLM_F_DUMP_INTR on the first message behind the change, wherever that is."""
    datagram = message(88, 6) * 20 + message(88, 6, flags=0x12) + message(88, 6) * 20 + DONE
    items = list(Parser().parse(memoryview(datagram)))
    assert items.count("interrupted") == 1
    assert sum(item.messages for item in items if isinstance(item, Stretch)) == 41


def test_an_interrupted_dump_of_the_kernel_is_told(route_dump: list[bytes]) -> None:
    """A real dump, of links, during which another link came."""
    signals = [item for datagram in route_dump for item in Parser().parse(memoryview(datagram))]
    assert "interrupted" in signals
    assert signals[-1] == "done"


@pytest.fixture
def route_dump() -> list[bytes]:
    """The datagrams of a dump of links that was interrupted by a new link."""
    from tests.kernel.private import run_private  # noqa: PLC0415 - needs a kernel, the other tests do not

    return run_private(interrupted_route_dump)


def interrupted_route_dump() -> list[bytes]:
    """Ask for all links, read one datagram, add a link, read on."""
    from pyroute2 import IPRoute  # noqa: PLC0415 - slow to import

    with IPRoute() as route, socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        for number in range(40):
            route.link("add", ifname=f"a{number}", kind="veth", peer=f"b{number}")
        netlink.send(struct.pack("=IHHII 17x", 33, 18, 0x301, 1, 0))
        datagrams = [netlink.recv(4096)]
        route.link("add", ifname="late", kind="veth", peer="later")
        while datagrams[-1][4:6] != b"\x03\x00":  # NLMSG_DONE
            datagrams.append(netlink.recv(1 << 16))
    return datagrams
