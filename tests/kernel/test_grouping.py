"""Keys out of rows: every field that a dimension needs, from bytes laid out as the kernel does."""

import socket
import struct
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis.strategies import integers, just, lists, one_of, sampled_from, tuples

from lastack.errors import TruncatedError
from lastack.kernel.cohort_sink import CohortSink
from lastack.kernel.decode import cgroup_id
from lastack.kernel.grouping import KeySink, Lookup
from lastack.kernel.state_sink import StateSink
from lastack.kernel.stretch import Parser, Stretch
from lastack.model.census import DIMENSIONS, Census, SocketRow, Tally, Timer, age_of_close
from lastack.model.cohorts import CohortKey, Marks, Roles, key_of, marks_of

CGROUP = struct.pack("=HHQ", 12, 21, 77)
SHUTDOWN = struct.pack("=HHB3x", 5, 8, 0)
LOOKUP = Lookup({501: 7, 502: 7}.get, {7: "nginx/7"}.__getitem__, {77: "/web"}.get)


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
    for message in (listener, *ROWS, *clients):
        sink.add(Stretch(memoryview(message), len(message), 1))
    found = {(key.state, key.local_port, key.remote, key.remote_port): marks for key, marks in sink.counts().items()}
    assert found == {
        ("ESTABLISHED", 443, "192.0.2.9", None): Marks(2),
        ("ESTABLISHED", 443, "2001:db8::2", None): Marks(1),
        ("TIME_WAIT", 443, "192.0.2.9", None): Marks(1, {0: 1}),
        ("TIME_WAIT", 443, "192.0.2.10", None): Marks(2, {59: 1}),
        ("FIN_WAIT2", 443, "192.0.2.10", None): Marks(1),
        ("SYN_RECV", 443, "192.0.2.11", None): Marks(1),
        ("TIME_WAIT", None, "192.0.2.9", 5_432): Marks(2, {0: 2}, bind_parity=1),
        ("SYN_SENT", None, "192.0.2.9", 5_432): Marks(1, retried=1, bind_parity=1),
        ("ESTABLISHED", None, "192.0.2.9", 5_432): Marks(3, kept_alive=1, probed=1),
    }
    assert [(one.port, one.process) for one in sink.listeners()] == [(443, "nginx/7")]
    assert sink.inodes() >= {501, 0}
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
    found = {(key.local_port, key.remote, key.remote_port): marks for key, marks in sink.counts().items()}
    assert found == {
        (443, "192.0.2.9", None): Marks(2, {0: 1, 1: 1}),
        (None, "192.0.2.7", 8080): Marks(4, {0: 2, 59: 1}, bind_parity=2),
    }


EPHEMERAL = 32_768, 60_999
PORTS = sampled_from([22, 443, 8080, 32_768, 40_000, 40_001, 60_999, 61_000])
ADDRESSES = sampled_from(["10.0.0.1", "192.0.2.9", "2001:db8::1", "::ffff:192.0.2.9"])
ENDS = tuples(ADDRESSES, ADDRESSES).filter(lambda pair: (":" in pair[0]) == (":" in pair[1]))


CLOSED = tuples(ENDS, PORTS, PORTS, integers(0, 61_000))
# Of one listener: only the client and the age tell them apart.
SERVED = tuples(
    tuples(just("10.0.0.1"), sampled_from(["192.0.2.9", "192.0.2.10"])), just(443), PORTS, integers(0, 61_000)
)


def rows_of(connections: Iterable[bytes], sink: CohortSink) -> CohortSink:
    """The sink, with messages in one datagram."""
    for item in Parser().parse(memoryview(b"".join(connections))):
        assert isinstance(item, Stretch)
        sink.add(item)
    return sink


def one_by_one(
    sockets: Iterable[tuple[SocketRow, bool]], roles: Roles
) -> tuple[dict[CohortKey, Marks], set[int | None]]:
    """Cohorts, and the ports of active openers, of sockets and whether each is held."""
    counts: dict[CohortKey, Marks] = {}
    opened = set()
    for one, held in sockets:
        key = key_of(one, roles, held=held)
        counts.setdefault(key, Marks()).add(marks_of(one, roles))
        if key.local_port is None:
            opened.add(one.local_port)
    return counts, opened


def compare(sink: CohortSink, sockets: Iterable[tuple[SocketRow, bool]]) -> None:
    """What the sink counted with what counting one by one finds."""
    expected, opened = one_by_one(sockets, Roles([443], EPHEMERAL))
    assert {key: key.cohort(marks) for key, marks in sink.counts().items()} == {
        key: key.cohort(marks) for key, marks in expected.items()
    }
    assert {socket.ntohs(port) for port in sink.opened_ports} == opened


@given(lists(one_of(lists(CLOSED, min_size=1), lists(SERVED, min_size=1)), min_size=1))
def test_closed_connections_are_folded_as_one_by_one(
    datagrams: list[list[tuple[tuple[str, str], int, int, int]]],
) -> None:
    """Whole columns at a time or a row at a time, by the same roles."""
    sink = CohortSink(EPHEMERAL, LOOKUP, [443])
    sockets = []
    for closed in datagrams:
        rows_of(
            [
                row(6, (local, local_port), (remote, remote_port), timer=3, expires=left)
                for (local, remote), local_port, remote_port, left in closed
            ],
            sink,
        )
        for (local, remote), local_port, remote_port, left in closed:
            age = age_of_close(min(left, 60_000))
            family = 6 if ":" in local else 4
            sockets.append(
                (SocketRow("TIME_WAIT", family, local, local_port, remote, remote_port, close_age_s=age), False)
            )
    compare(sink, sockets)


STATE_NUMBERS = sampled_from([(1, "ESTABLISHED"), (4, "FIN_WAIT1"), (8, "CLOSE_WAIT")])  # include/net/tcp_states.h
# idiag_timer and idiag_retrans (inet_sk_diag_fill, net/ipv4/inet_diag.c), and what is meant by them.
TIMERS: tuple[tuple[tuple[int, int], Timer | None], ...] = (
    ((0, 0), None),
    ((1, 0), None),
    ((1, 3), "retransmission"),
    ((2, 1), "keepalive"),
    ((4, 2), "probe"),
)


@given(lists(tuples(STATE_NUMBERS, ENDS, PORTS, PORTS, sampled_from(TIMERS), sampled_from([0, 501, 502, 600]))))
def test_open_connections_are_folded_as_one_by_one(
    connections: list[tuple[tuple[int, str], tuple[str, str], int, int, tuple[tuple[int, int], Timer | None], int]],
) -> None:
    """With their timers, and with whoever holds them: 600 is nobody that is known, 0 nobody at all."""
    messages, sockets = [], []
    for (number, state), (local, remote), local_port, remote_port, ((timer, retransmits), meant), inode in connections:
        messages.append(
            row(
                number,
                (local, local_port),
                (remote, remote_port),
                timer=timer,
                retransmits=retransmits,
                uid=33,
                inode=inode,
                attributes=CGROUP,
            )
        )
        one = SocketRow(state, 6 if ":" in local else 4, local, local_port, remote, remote_port, timer=meant)
        if inode:
            one = one._replace(process=LOOKUP.process(inode), uid=33, cgroup="/web")
        sockets.append((one, inode != 0))
    compare(rows_of(messages, CohortSink(EPHEMERAL, LOOKUP, [443])), sockets)


def _many(state: int, family: int, *, timer: int = 0) -> list[bytes]:
    """Three connections of a large client, one of each of five small ones, and those to five destinations."""
    here = "10.0.0.1" if family == 4 else "2001:db8::1"
    there = "192.0.2.{}" if family == 4 else "2001:db8:1::{}"

    def one(local_port: int, remote: str, remote_port: int) -> bytes:
        return row(state, (here, local_port), (remote, remote_port), timer=timer, expires=30_500)

    large = [one(443, there.format(1), 50_000 + number) for number in range(3)]
    small = [one(443, there.format(number), 50_000) for number in range(2, 7)]
    opened = [one(40_000 + number, there.format(100 + number), 8080) for number in range(5)]
    return [*large, *small, *opened]


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize(("state", "timer"), [(1, 0), (6, 3)])
@pytest.mark.parametrize("mixed", [True, False])
def test_of_very_many_clients_the_small_ones_are_one(
    monkeypatch: pytest.MonkeyPatch, state: int, timer: int, family: int, *, mixed: bool
) -> None:
    """Destinations are not: how many connections each has is what port exhaustion is judged by."""
    for sink in ("open_sink", "closed_sink"):
        monkeypatch.setattr(f"lastack.kernel.{sink}.LIMIT", 1)
    messages = _many(state, family, timer=timer)
    sunk = rows_of(messages if mixed else messages[:8], CohortSink(EPHEMERAL, LOOKUP, [443]))
    found = {(key.remote, key.local_port, key.remote_port): marks.count for key, marks in sunk.counts().items()}
    there = "192.0.2.{}" if family == 4 else "2001:db8:1::{}"
    opened = {(there.format(100 + number), None, 8080): 1 for number in range(5)}
    assert found == {(there.format(1), 443, None): 3, (None, 443, None): 5} | (opened if mixed else {})
    assert all(sum(marks.closes.values()) == (marks.count if timer else 0) for marks in sunk.counts().values())
