"""Keys out of rows: every field that a dimension needs, from bytes laid out as the kernel does."""

import socket
import struct
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis.strategies import integers, just, lists, one_of, sampled_from, tuples

from lastack.errors import TruncatedError
from lastack.kernel.cohort_sink import CohortSink
from lastack.kernel.decode import cgroup_id
from lastack.kernel.grouping import KeySink, Lookup
from lastack.kernel.state_sink import StateSink
from lastack.kernel.stretch import Parser, Stretch
from lastack.model.census import DIMENSIONS, Census, SocketRow, Tally, age_of_close
from lastack.model.cohorts import CohortKey, Mark, Roles, key_of, mark_of
from lastack.model.sample import Listener

CGROUP = struct.pack("=HHQ", 12, 21, 77)
SHUTDOWN = struct.pack("=HHB3x", 5, 8, 0)
LOOKUP = Lookup(process={501: "nginx/7", 502: "nginx/7"}.get, cgroup={77: "/web"}.get)


def row(
    state: int,
    local: tuple[str, int],
    remote: tuple[str, int],
    *,
    timer: int = 0,
    expires: int = 0,
    retransmits: int = 0,
    uid: int = 0,
    inode: int = 0,
    attributes: bytes = b"",
) -> bytes:
    """A message of struct inet_diag_msg, include/uapi/linux/inet_diag.h."""
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    body = struct.pack(
        "=BBBB 2s2s 16s16s I 8s I II I I",
        *(family, state, timer, retransmits),
        *(local[1].to_bytes(2, "big"), remote[1].to_bytes(2, "big")),
        *(socket.inet_pton(family, local[0]), socket.inet_pton(family, remote[0])),
        *(0, b"cookie..", expires, 0, 0, uid, inode),
    )
    return struct.pack("=IHHII", 16 + len(body) + len(attributes), 18, 2, 1, 0) + body + attributes


HERE, THERE = ("10.0.0.1", 443), ("192.0.2.9", 50_000)
ROWS = (
    row(1, HERE, THERE, uid=33, inode=501, attributes=SHUTDOWN + CGROUP),
    row(1, HERE, ("192.0.2.9", 50_001), uid=33, inode=502, attributes=SHUTDOWN + CGROUP),
    row(1, ("2001:db8::1", 443), ("2001:db8::2", 50_002), uid=33, inode=502, attributes=SHUTDOWN + CGROUP),
    row(6, HERE, ("192.0.2.9", 50_003), timer=3, expires=59_500),
    row(6, HERE, ("192.0.2.10", 50_004), timer=3, expires=1),
    row(6, HERE, ("192.0.2.10", 50_005), timer=3, expires=0),
    row(5, HERE, ("192.0.2.10", 50_006), timer=3, expires=30_000),
    row(3, HERE, ("192.0.2.11", 50_007)),
)


def census(by: tuple[str, ...], most: int = 0) -> Census:
    """What a sink makes of the rows."""
    sink = KeySink(by, LOOKUP, "blue") if by else StateSink(timeline=True)
    for item in Parser().parse(memoryview(b"".join(ROWS))):
        assert isinstance(item, Stretch)
        sink.add(item)
    tally = Tally(by, most)
    sink.pour(tally, most)
    return tally.census()


STATES = {"ESTABLISHED": 3, "TIME_WAIT": 3, "FIN_WAIT2": 1, "SYN_RECV": 1}


@pytest.mark.parametrize("by", [(), *((dimension,) for dimension in DIMENSIONS)])
@pytest.mark.parametrize("most", [0, 1])
def test_no_row_is_lost_by_any_dimension(by: tuple[str, ...], most: int) -> None:
    """Whole counts and closes do not depend on how sockets are grouped, or how many groups are named."""
    whole = census(by, most).whole
    assert whole.states == STATES
    assert (whole.closes[-1], whole.closes[0], sum(whole.closes)) == (1, 1, 2)


@pytest.mark.parametrize(
    ("dimension", "labels"),
    [
        ("state", {"ESTABLISHED": 3, "TIME_WAIT": 3, "FIN_WAIT2": 1, "SYN_RECV": 1}),
        ("family", {"IPv4": 7, "IPv6": 1}),
        ("local-port", {"443": 8}),
        ("remote", {"192.0.2.9": 3, "192.0.2.10": 3, "192.0.2.11": 1, "2001:db8::2": 1}),
        ("remote-port", {str(port): 1 for port in range(50_000, 50_008)}),
        ("process", {"nginx/7": 3, None: 5}),
        ("uid", {"33": 3, None: 5}),
        ("cgroup", {"/web": 3, None: 5}),
        ("netns", {"blue": 8}),
    ],
)
def test_each_dimension_reads_its_field(dimension: str, labels: dict[str | None, int]) -> None:
    """Labels and counts as laid out above."""
    assert {group.key[0]: group.total for group in census((dimension,)).groups} == labels


def test_a_destination_names_both_addresses_and_the_port() -> None:
    """IPv6 stands in brackets where a port follows."""
    keys = {group.key[0] for group in census(("destination",)).groups}
    assert {"10.0.0.1 > 192.0.2.9:50000", "2001:db8::1 > [2001:db8::2]:50002"} <= keys


def test_the_largest_groups_are_named_and_the_rest_is_summed() -> None:
    """With room for one group, the one with most sockets is listed."""
    found = census(("remote",), most=1)
    assert [(group.key, group.total) for group in found.groups] in ([(("192.0.2.9",), 3)], [(("192.0.2.10",), 3)])
    assert found.rest is not None
    assert found.rest.total == 5


def test_mini_sockets_in_fin_wait2_are_told_apart() -> None:
    """The timer tells a FIN_WAIT2 that nobody holds from one that a process holds."""
    sink = StateSink()
    for message in (*ROWS, row(5, HERE, THERE, inode=9, timer=2)):
        sink.add(Stretch(memoryview(message), len(message), 1))
    assert sink.mini_fin_wait2 == 1


def test_cohorts_drop_the_ephemeral_port() -> None:
    """Server connections keep the local port, client ones the remote port and whether bind() drew theirs."""
    sink = CohortSink((32_768, 60_999), LOOKUP)
    upstream = ("192.0.2.9", 5_432)
    clients = [row(6, ("10.0.0.1", port), upstream, timer=3, expires=60_000) for port in (40_000, 40_003)]
    clients.append(row(2, ("10.0.0.1", 40_005), upstream, timer=1, retransmits=2))
    # Timers: keepalive, zero window, and a retransmission that has not come to it.
    clients += [row(1, ("10.0.0.1", 40_002), upstream, timer=timer) for timer in (2, 4, 1)]
    listener = row(10, ("0.0.0.0", 443), ("0.0.0.0", 0), inode=501, attributes=SHUTDOWN)
    bound = row(7, ("0.0.0.0", 40_001), ("0.0.0.0", 0), inode=502)
    for message in (listener, bound, *ROWS, *clients):
        sink.add(Stretch(memoryview(message), len(message), 1))
    keys = {(key.state, key.local_port, key.remote, key.remote_port): dict(n) for key, n in sink.counts().items()}
    assert keys == {
        ("ESTABLISHED", 443, "192.0.2.9", None): {Mark(): 2},
        ("ESTABLISHED", 443, "2001:db8::2", None): {Mark(): 1},
        ("TIME_WAIT", 443, "192.0.2.9", None): {Mark(0): 1},
        ("TIME_WAIT", 443, "192.0.2.10", None): {Mark(59): 1, Mark(): 1},
        ("FIN_WAIT2", 443, "192.0.2.10", None): {Mark(): 1},
        ("SYN_RECV", 443, "192.0.2.11", None): {Mark(): 1},
        ("TIME_WAIT", None, "192.0.2.9", 5_432): {Mark(0): 1, Mark(0, bind_parity=True): 1},
        ("SYN_SENT", None, "192.0.2.9", 5_432): {Mark(timer="retransmission", bind_parity=True): 1},
        ("ESTABLISHED", None, "192.0.2.9", 5_432): {Mark(timer="keepalive"): 1, Mark(timer="probe"): 1, Mark(): 1},
    }
    assert [(one.port, one.process) for one in sink.listeners] == [(443, "nginx/7")]
    assert sink.bound_ports == {40_001}
    assert {socket.ntohs(port) for port in sink.opened_ports} == {40_000, 40_002, 40_003, 40_005}


def test_a_cgroup_id_is_found_among_attributes() -> None:
    """Attributes are padded to four bytes; none, and one cut short, are told apart."""
    assert cgroup_id(SHUTDOWN + CGROUP) == 77
    assert cgroup_id(SHUTDOWN) is None
    with pytest.raises(TruncatedError):
        cgroup_id((SHUTDOWN + CGROUP)[:-2])


def test_rows_of_both_roles_side_by_side() -> None:
    """A proxy's: each loses its ephemeral port; ages are in whole seconds, and one that is over has none."""
    rows = b"".join(
        [
            row(6, ("10.0.0.1", 443), ("192.0.2.9", 50_000), timer=3, expires=59_999),
            row(6, ("10.0.0.1", 40_001), ("192.0.2.7", 8080), timer=3, expires=59_001),
            row(6, ("10.0.0.1", 443), ("192.0.2.9", 50_001), timer=3, expires=59_000),
            row(6, ("10.0.0.1", 40_002), ("192.0.2.7", 8080), timer=3, expires=1),
            row(6, ("10.0.0.1", 40_003), ("192.0.2.7", 8080), timer=3, expires=0),
            row(6, ("10.0.0.1", 40_004), ("192.0.2.7", 8080), timer=3, expires=61_000),
        ]
    )
    sink = CohortSink((32_768, 60_999), LOOKUP)
    (stretch,) = Parser().parse(memoryview(rows))
    assert isinstance(stretch, Stretch)
    sink.add(stretch)
    found = {(key.local_port, key.remote, key.remote_port): dict(marks) for key, marks in sink.counts().items()}
    assert found == {
        (443, "192.0.2.9", None): {Mark(0): 1, Mark(1): 1},
        (None, "192.0.2.7", 8080): {
            Mark(0, bind_parity=True): 1,
            Mark(59): 1,
            Mark(None, bind_parity=True): 1,
            Mark(0): 1,
        },
    }


PORTS = sampled_from([22, 443, 8080, 32_768, 40_000, 40_001, 60_999, 61_000])
ADDRESSES = sampled_from(["10.0.0.1", "192.0.2.9", "2001:db8::1", "::ffff:192.0.2.9"])
ENDS = tuples(ADDRESSES, ADDRESSES).filter(lambda pair: (":" in pair[0]) == (":" in pair[1]))


CLOSED = tuples(ENDS, PORTS, PORTS, integers(0, 61_000))
# Of one listener: only the client and the age tell them apart.
SERVED = tuples(
    tuples(just("10.0.0.1"), sampled_from(["192.0.2.9", "192.0.2.10"])), just(443), PORTS, integers(0, 61_000)
)


@given(lists(one_of(lists(CLOSED, min_size=1), lists(SERVED, min_size=1)), min_size=1))
def test_closed_connections_are_folded_as_one_by_one(
    datagrams: list[list[tuple[tuple[str, str], int, int, int]]],
) -> None:
    """Whole columns at a time or a row at a time, by the same roles."""
    ephemeral = 32_768, 60_999
    sink = CohortSink(ephemeral, LOOKUP, [Listener(family=4, address="0.0.0.0", port=443, queue=0, backlog=1)])
    for closed in datagrams:
        messages = [
            row(6, (local, local_port), (remote, remote_port), timer=3, expires=left)
            for (local, remote), local_port, remote_port, left in closed
        ]
        for item in Parser().parse(memoryview(b"".join(messages))):
            assert isinstance(item, Stretch)
            sink.add(item)
    roles = Roles([443], ephemeral)
    expected: dict[CohortKey, Counter[Mark]] = {}
    opened = set()
    for (local, remote), local_port, remote_port, left in chain.from_iterable(datagrams):
        age = age_of_close(min(left, 60_000))
        one = SocketRow("TIME_WAIT", 6 if ":" in local else 4, local, local_port, remote, remote_port, close_age_s=age)
        key = key_of(one, roles, held=False)
        expected.setdefault(key, Counter())[mark_of(one, roles)] += 1
        if key.local_port is None:
            opened.add(local_port)
    assert sink.counts() == expected
    assert {socket.ntohs(port) for port in sink.opened_ports} == opened
