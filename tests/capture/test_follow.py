"""The fast road (columns, courses, stretches, a piece at a time) against following each segment by itself."""

import tracemalloc
from ipaddress import ip_address

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastack.capture.follow import Follower, Limits
from lastack.capture.segments import BAD_CHECKSUM, ZERO_WINDOW, Segments, concatenated
from lastack.tcp.lifecycle import Lifecycle
from tests.capture.any_octets import TINY
from tests.capture.making import ACK, CONVERSATION, FIN, LINK_LAYERS, PSH, RST, SYN, packets, pcap
from tests.capture.reading import segments_of, walked

_SECOND = 1_000_000_000
_HOST = int(ip_address("192.0.2.1"))


def follow(rows: Segments, pieces: list[int], limits: Limits) -> list[Lifecycle]:
    """The connections among rows that come in pieces of these sizes, again and again."""
    follower, found, at, number = Follower(limits), [], 0, 0
    while at < len(rows.time):
        size = pieces[number % len(pieces)]
        found += follower.add(rows.take(slice(at, at + size)))
        at, number = at + size, number + 1
    found += follower.finish()
    assert not follower.retired
    return sorted(each for bundle in found for each in bundle.lifecycles(lambda end: (end >> 16).to_bytes(4, "big")))


def _table(steps: list[tuple[int, bool, int, int, int, int, int]]) -> Segments:
    """Rows from client, direction, flags, seq, ack, payload and the wait before."""
    time = np.cumsum([wait for *_, wait in steps]).astype(np.int64)
    client = np.array([(_HOST + who) << 16 | 40000 for who, *_ in steps], np.uint64)
    server = np.full(len(steps), (_HOST + 99) << 16 | 80, np.uint64)
    forward = np.array([way for _, way, *_ in steps])
    columns = list(zip(*steps, strict=True))
    return Segments(
        time,
        np.where(forward, client, server),
        np.where(forward, server, client),
        np.array(columns[3], np.int64).astype(np.uint32),
        np.array(columns[4], np.int64).astype(np.uint32),
        np.array(columns[5], np.int32),
        np.array(columns[2], np.uint16),
    )


_FLAGS = st.sampled_from(
    [
        SYN,
        SYN | ACK,
        ACK,
        ACK,
        ACK | PSH,
        ACK | PSH,
        FIN | ACK,
        RST,
        RST | ACK,
        0,
        SYN | FIN,
        ACK | ZERO_WINDOW,
        ACK | BAD_CHECKSUM,
    ]
)
_NUMBERS = st.sampled_from([0, 1, 2, 3, 5, 100, 101, 2**32 - 1])
_STEPS = st.lists(
    st.tuples(
        st.integers(0, 2), st.booleans(), _FLAGS, _NUMBERS, _NUMBERS, st.sampled_from([0, 0, 1, 2, 99]),
        st.sampled_from([0, 1000, _SECOND, 6 * _SECOND]),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@given(_STEPS, st.lists(st.integers(1, 9), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_segments(steps: list[tuple[int, bool, int, int, int, int, int]], pieces: list[int]) -> None:
    """Whatever comes, in whatever pieces, the fast road says what the slow one says."""
    rows = _table(steps)
    assert follow(rows, pieces, TINY) == walked(rows)
    assert follow(rows, [len(rows.time)], Limits()) == walked(rows)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_long_connections(data: st.DataObject) -> None:
    """So it is for long ones, with holes, repetitions, windows that close and data both ways."""
    seq, steps = [1, 1], [(0, True, SYN, 0, 0, 0, 0), (0, False, SYN | ACK, 0, 1, 0, 10)]
    for _ in range(data.draw(st.integers(20, 90))):
        way = data.draw(st.integers(0, 1))
        payload, oddity = data.draw(st.sampled_from([0, 0, 10, 1000])), data.draw(st.integers(0, 40))
        begin = seq[way] + {1: -5, 2: 20, 3: -1000}.get(oddity, 0)
        acked = seq[1 - way] - {4: 3, 5: -7, 6: 900}.get(oddity, 0)
        flags = {7: ACK | ZERO_WINDOW, 8: FIN | ACK, 9: ACK | BAD_CHECKSUM}.get(oddity, ACK)
        steps.append((0, not way, flags, begin % 2**32, acked % 2**32, payload, 100))
        seq[way] = max(seq[way], begin + payload)
    rows = _table(steps)
    expected = walked(rows)
    assert follow(rows, [len(rows.time)], Limits(short=8)) == expected
    assert follow(rows, [7, 30], TINY) == expected


@pytest.mark.parametrize("pieces", [[1000], [50, 3]])
def test_a_long_retransmission(pieces: list[int]) -> None:
    """Data from before a hole, sent once the data behind it was: each segment is one again, as Zeek counts them."""
    steps = [(0, True, SYN, 0, 0, 0, 0), (0, False, SYN | ACK, 0, 1, 0, 10), (0, True, ACK, 1, 1, 0, 10)]
    steps += [(0, True, ACK, 1 + number * 100, 1, 100, 10) for number in (*range(20), *range(400, 440), *range(20, 60))]
    rows = _table(steps)
    (found,) = follow(rows, pieces, TINY)
    assert found.outcome.history == "ShADTT"
    assert [found] == walked(rows)


@pytest.mark.parametrize(("again", "count"), [(5, 2), (6, 1)])
def test_a_syn_after_a_syn_ack_of_the_same_side(again: int, count: int) -> None:
    """Begins a connection unless it repeats the number of that SYN-ACK, with which the stream began anew."""
    steps = [(0, True, SYN, 5, 0, 0, 0), (0, True, SYN | ACK, 6, 0, 0, 10), (0, True, SYN, again, 0, 0, 10)]
    rows = _table(steps)
    found = follow(rows, [100], Limits())
    assert len(found) == count
    assert found == walked(rows)


def test_a_fin_acknowledged_in_a_later_piece() -> None:
    """It is the segment that acknowledges it which counts, not the last of many like it."""
    steps = [(0, True, SYN, 0, 0, 0, 0), (0, False, SYN | ACK, 0, 1, 0, 10), (0, False, FIN | ACK, 1, 1, 0, 10)]
    steps += [(0, True, ACK, 1, 1, 0, 10)] * 8 + [(0, False, ACK, 2, 1, 0, 10)]
    steps += [(0, True, ACK, 1, 1, 0, 10)] * 10 + [(0, True, ACK, 1, 2, 0, 10)] * 10
    rows = _table(steps)
    (found,) = follow(rows, [11, 100], TINY)
    # The 23rd segment, ten nanoseconds after each other, is the first that acknowledges the FIN.
    assert found.moments.resp[-1] == 220
    assert [found] == walked(rows)


def test_the_same_course_with_other_amounts() -> None:
    """Plain connections share a course whatever their data; each keeps its own counts and times."""
    wrap = LINK_LAYERS["Ethernet"][1]
    made = []
    for number in range(1, 60):
        steps = [
            (way, flags, _moved(seq, number), _moved(ack, number), _moved(payload, number))
            for way, flags, seq, ack, payload in CONVERSATION
        ]
        made += packets(
            wrap, ends=((f"192.0.2.{number}", 50000), ("198.51.100.1", 80)), steps=steps, start=number * _SECOND
        )
    rows = segments_of(pcap(made))
    found = Follower()
    found.add(rows)
    (bundle,) = found.finish()
    assert bundle.connections == 59
    assert bundle.orig_sent
    assert sorted(bundle.orig_sent.octets.tolist()) == [100 + number for number in range(1, 60)]
    assert follow(rows, [100], Limits()) == walked(rows)


def _moved(value: int, number: int) -> int:
    """The client's data, a hundred octets before, are ``number`` longer."""
    return value + number if value in {100, 101, 102} else value


def _syns(count: int) -> Segments:
    number = np.arange(count, dtype=np.uint64)
    return Segments(
        (number * np.uint64(1000)).astype(np.int64),
        (number * np.uint64(2654435761) % np.uint64(1 << 32)) << np.uint64(16) | np.uint64(40000),
        np.full(count, _HOST << 16 | 80, np.uint64),
        number.astype(np.uint32),
        np.zeros(count, np.uint32),
        np.zeros(count, np.int32),
        np.full(count, SYN, np.uint16),
    )


def test_a_million_syns() -> None:
    """From a million addresses: the oldest unanswered ones are given up, none is lost, memory is bounded."""
    rows = _syns(1_000_000)
    follower = Follower()
    tracemalloc.start()
    try:
        count = 0
        for at in range(0, 1_000_000, 20_000):
            bundles = follower.add(rows.take(slice(at, at + 20_000)))
            count += sum(bundle.connections for bundle in bundles)
            assert {bundle.outcome.conn_state for bundle in bundles} <= {"S0"}
        count += sum(bundle.connections for bundle in follower.finish())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 1_000_000
    # When so many have come for the first time, all are given up that have no room.
    assert follower.retired >= (3 << 18) - (1 << 18)
    # Rows of 38 octets, at most 2**20 that wait to be sorted, and columns of a quarter of them for the sorting.
    assert peak < 200 << 20


def test_retiring_prefers_what_nobody_answered() -> None:
    """With room for few, connections that are open stay; SYNs without an answer go, the oldest first."""
    opened = segments_of(pcap(packets(LINK_LAYERS["raw IP"][1], steps=CONVERSATION[:4], start=0), 101))
    syns = _syns(2000)
    follower = Follower(Limits(connections=100, rows=50))
    found = follower.add(opened)
    for at in range(0, 2000, 50):
        found += follower.add(syns.take(slice(at, at + 50)))
    assert {bundle.outcome.conn_state for bundle in found} == {"S0"}
    last = follower.finish()
    assert sum(bundle.connections for bundle in last if bundle.outcome.conn_state == "S1") == 1
    assert sum(bundle.connections for bundle in [*found, *last]) == 2001


def test_retiring_prefers_what_is_over() -> None:
    """Before any half-open connection go those that are over; they were not given up while open."""
    wrap = LINK_LAYERS["raw IP"][1]
    done = [
        packet
        for number in range(1, 250)
        for packet in packets(wrap, ends=((f"198.51.100.{number}", 50000), ("192.0.2.80", 80)), start=number * 10**6)
    ]
    over = segments_of(pcap(sorted(done), 101))
    syns = _syns(100)
    follower = Follower(Limits(connections=200, rows=1000))
    found = follower.add(concatenated([syns, over._replace(time=over.time + 10**6)]))
    assert {bundle.outcome.conn_state for bundle in found} == {"SF"}
    assert sum(bundle.connections for bundle in found) >= 149
    assert follower.retired == 0
    last = follower.finish()
    assert sum(bundle.connections for bundle in last if bundle.outcome.conn_state == "S0") == 100
    assert sum(bundle.connections for bundle in [*found, *last]) == 349


def test_what_was_reset_does_not_wait() -> None:
    """Five seconds after a reset nothing more is due: the connection is told, and its room is free."""
    reset = _table([(0, True, SYN, 0, 0, 0, 0), (0, False, RST | ACK, 0, 1, 0, 10)])
    late = _table([(0, True, ACK, 1, 1, 0, 6 * _SECOND), (1, True, SYN, 7, 0, 0, 10)])
    follower = Follower(Limits(rows=1))
    assert follower.add(reset) == []
    assert [bundle.outcome.conn_state for bundle in follower.add(late)] == ["REJ"]
    assert sorted(bundle.outcome.conn_state for bundle in follower.finish()) == ["OTH", "S0"]
    assert [each.outcome.conn_state for each in walked(concatenated([reset, late]))] == ["REJ", "OTH", "S0"]


@pytest.mark.parametrize("direction", [True, False])
def test_memory_does_not_grow_with_packets(direction: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Of a connection of half a million segments, at no time more than a piece is held."""
    count = 50_000
    one = _table([(0, True, SYN, 0, 0, 0, 0), (0, False, SYN | ACK, 0, 1, 0, 10)])
    steps = [(0, direction, ACK | PSH, 1 + number * 10, 1, 10, 6 * _SECOND) for number in range(1000)]
    piece = _table(steps)
    follower = Follower(Limits(rows=1000))
    follower.add(one)
    held = 0
    for number in range(count // 1000):
        moved = piece._replace(
            time=piece.time + number * 6000 * _SECOND + _SECOND, seq=piece.seq + np.uint32(number * 10_000)
        )
        assert follower.add(moved) == []
        held = max(held, sum(len(part) for part in follower.endpoints))
    (bundle,) = follower.finish()
    sent = bundle.orig_sent if direction else bundle.resp_sent
    assert sent
    assert (int(sent.octets[0]), int(sent.packets[0])) == (count * 10, count + 1)
    assert held < 5000


def test_concatenated_rows() -> None:
    """Rows put together are the rows, one after the other."""
    rows = _syns(10)
    together = concatenated([rows.take(slice(0, 4)), rows.take(slice(4, 10))])
    assert [column.tolist() for column in together] == [column.tolist() for column in rows]
