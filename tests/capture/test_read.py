"""One connection in every container, under every link layer, is the same connection."""

import gzip
import struct
from ipaddress import ip_address
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastack.errors import InputError
from tests.capture.any_octets import check
from tests.capture.making import (
    ACK,
    CLIENT,
    CONVERSATION,
    LINK_LAYERS,
    SERVER,
    SYN,
    Packet,
    ipv4,
    ipv6,
    packets,
    pcap,
    pcapng,
    tcp,
)
from tests.capture.reading import ends_of, lifecycles, read

_ETHERNET, _ETHER = LINK_LAYERS["Ethernet"]
_SIX = ("2001:db8::1", 50000), ("2001:db8::80", 80)
_MADE = packets(_ETHER)

_FILES = {
    "pcap, little-endian, microseconds": pcap(_MADE),
    "pcap, big-endian, microseconds": pcap(_MADE, order=">"),
    "pcap, little-endian, nanoseconds": pcap(_MADE, nanoseconds=True),
    "pcap, big-endian, nanoseconds": pcap(_MADE, order=">", nanoseconds=True),
    "pcap 2.2, swapped lengths": pcap([each._replace(wire=1600) for each in _MADE], minor=2),
    "pcap 2.3": pcap(_MADE, minor=3),
    "pcapng, little-endian": pcapng(_MADE),
    "pcapng, big-endian": pcapng(_MADE, order=">"),
    "pcapng, nanoseconds": pcapng(_MADE, resolution=9),
    "pcapng, old packet blocks": pcapng(_MADE, old=True),
    "pcapng, two sections": pcapng(_MADE[:4]) + pcapng(_MADE[4:], order=">"),
    "gzip of pcap": gzip.compress(pcap(_MADE)),
    "gzip of pcapng": gzip.compress(pcapng(_MADE)),
    "two gzips after one another": gzip.compress(pcap(_MADE)[:300]) + gzip.compress(pcap(_MADE)[300:]),
}


def _check(capture: bytes, ends: object = (*CLIENT, *SERVER)) -> None:
    """The capture holds the conversation, and nothing else."""
    (found,) = lifecycles(capture)
    assert ends_of(found) == ends
    assert (found.outcome.conn_state, found.outcome.history) == ("SF", "ShADdFaf")
    assert found.orig_sent
    assert found.resp_sent
    assert (found.orig_sent.packets, found.resp_sent.packets) == (6, 4)
    assert (found.orig_sent.octets, found.resp_sent.octets) == (100, 1000)
    assert (found.first, found.last) == (_MADE[0].time, _MADE[-1].time)


@pytest.mark.parametrize("name", _FILES)
def test_containers(name: str) -> None:
    """Each kind of file gives the same ends, letters, counts and times."""
    _check(_FILES[name])


@pytest.mark.parametrize("name", LINK_LAYERS)
def test_link_layers(name: str) -> None:
    """Each link layer gives the same, for IPv4 and for IPv6."""
    link, wrap = LINK_LAYERS[name]
    _check(pcap(packets(wrap), link))
    link = 229 if link == 228 else link
    _check(pcap(packets(wrap, ends=_SIX), link), (*_SIX[0], *_SIX[1]))


def test_ipv4_options() -> None:
    """A header with options is longer, and that is all."""
    _check(pcap(packets(_ETHER, options=bytes([1] * 8)), _ETHERNET))


@pytest.mark.parametrize(
    ("headers", "following"),
    [
        (bytes([6, 0]) + bytes(6), 0),
        (bytes([6, 1]) + bytes(14), 60),
        (bytes([43, 0]) + bytes(6) + bytes([6, 0]) + bytes(6), 0),
        (bytes([6, 4]) + bytes(22), 51),
    ],
    ids=["hop-by-hop", "destination options", "hop-by-hop and routing", "authentication"],
)
def test_ipv6_extension_headers(headers: bytes, following: int) -> None:
    """TCP is found behind them."""
    made = packets(_ETHER, ends=_SIX)
    changed = []
    for packet in made:
        source, target = (ip_address(packet.octets[at : at + 16]).compressed for at in (22, 38))
        datagram = ipv6(source, target, packet.octets[54:], headers=headers, following=following)
        changed.append(packet._replace(octets=_ETHER(datagram, True)))  # noqa: FBT003 - it is IPv6
    _check(pcap(changed), (*_SIX[0], *_SIX[1]))


@pytest.mark.parametrize("backwards", [False, True])
def test_ipv4_fragments(backwards: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A datagram in pieces, in whatever order they come, is one segment."""
    made = []
    for number, packet in enumerate(packets()):
        segment = packet.octets[20:]
        pieces = [(0, segment[:24]), (24, segment[24:64]), (64, segment[64:])]
        pieces = [(at, piece) for at, piece in pieces if piece]
        source, target = (
            (CLIENT[0], SERVER[0]) if packet.octets[12:16] == ip_address(CLIENT[0]).packed else (SERVER[0], CLIENT[0])
        )
        last = pieces[-1][0]
        cut = [
            ipv4(source, target, piece, fragment=at >> 3 | 0x2000 * (at != last), number=number) for at, piece in pieces
        ]
        made += [Packet(packet.time, _ETHER(piece, False)) for piece in (cut[::-1] if backwards else cut)]  # noqa: FBT003
    _check(pcap(made))


def test_ipv6_fragments() -> None:
    """As for IPv4, by the fragment header."""
    made = []
    for number, packet in enumerate(packets(ends=_SIX)):
        source, target = (ip_address(packet.octets[at : at + 16]).compressed for at in (8, 24))
        segment = packet.octets[40:]
        for at, piece in ((0, segment[:24]), (24, segment[24:])):
            header = struct.pack(">BBHI", 6, 0, at | (at == 0), number)
            made.append(Packet(packet.time, _ETHER(ipv6(source, target, piece, headers=header, following=44), True)))  # noqa: FBT003
    made = [packet for packet in made if len(packet.octets) > 62]
    whole = [packet for packet in packets(_ETHER, ends=_SIX) if len(packet.octets) > 1e9]
    _check(pcap(made + whole), (*_SIX[0], *_SIX[1]))


def test_a_fragment_that_is_missing() -> None:
    """Is counted, and its datagram is left out."""
    segment = tcp(CLIENT, SERVER, SYN, 1, 0, 0)
    done = read(pcap([Packet(1, _ETHER(ipv4(CLIENT[0], SERVER[0], segment[:24], fragment=0x2000), False))]))  # noqa: FBT003
    assert done.lifecycles == []
    assert done.reading.decoder.incomplete == 1


def test_snap_length() -> None:
    """Cut after the flags, a segment tells all but its data, and those are counted from IP's length."""
    cut = 14 + 20 + 16
    _check(pcap([each._replace(wire=len(each.octets), octets=each.octets[:cut]) for each in _MADE], snap=cut))


def test_a_snap_length_before_the_flags() -> None:
    """Cut before, it tells nothing, and is counted."""
    done = read(pcap([each._replace(wire=len(each.octets)) for each in _MADE], snap=14 + 20 + 13))
    assert (done.lifecycles, done.reading.decoder.cut) == ([], len(_MADE))


def test_from_the_middle_on() -> None:
    """Without its SYNs a connection has no handshake, and the port that servers listen on says who is who."""
    (found,) = lifecycles(pcap(_MADE[4:]))
    assert ends_of(found) == (*CLIENT, *SERVER)
    assert (found.outcome.handshake, found.outcome.conn_state, found.outcome.flipped) == ("none", "SF", True)


def test_ports_used_again() -> None:
    """Many connections on the same ports, one after the other, are that many."""
    made = [
        packet
        for number in range(20)
        for packet in packets(
            _ETHER, base=(1000 + number * 70_000, 5_000_000 * number), start=_MADE[0].time + number * 10**8
        )
    ]
    found = lifecycles(pcap(made))
    assert [(ends_of(each), each.outcome.conn_state) for each in found] == [((*CLIENT, *SERVER), "SF")] * 20
    assert {after.first - before.first for before, after in pairwise(found)} == {10**8}


def test_the_same_connection_captured_twice_in_a_row() -> None:
    """Even with the same numbers: a SYN after both sides have closed opens another connection."""
    again = packets(_ETHER, start=_MADE[0].time + 10**9)
    assert [each.outcome.conn_state for each in lifecycles(pcap(_MADE + again))] == ["SF", "SF"]


@given(st.permutations(range(3, 6)), st.integers(0, len(CONVERSATION) - 1))
@settings(deadline=None)
def test_out_of_order_and_duplicated(order: list[int], twice: int) -> None:
    """Neither changes how a connection is opened and closed, nor how much was sent."""
    made = [_MADE[number] for number in (0, 1, 2, *order, 6, 7, 8, 9)]
    times = [packet.time for packet in _MADE]
    made = [packet._replace(time=time) for packet, time in zip(made, times, strict=True)]
    made.insert(twice + 1, made[twice])
    (found,) = lifecycles(pcap(made))
    assert (found.outcome.conn_state, found.outcome.handshake, found.outcome.time_wait) == ("SF", "three-way", "orig")
    assert found.orig_sent
    assert found.resp_sent
    assert (found.orig_sent.octets, found.resp_sent.octets) == (100, 1000)


def test_bad_checksums() -> None:
    """Taken by default; refused where asked, and then the history tells."""
    bad = tcp(CLIENT, SERVER, SYN, 1000, 0, 0, sound=False)
    made = [Packet(_MADE[0].time, _ETHER(ipv4(CLIENT[0], SERVER[0], bad), False)), *_MADE[1:]]  # noqa: FBT003
    (taken,), (refused,) = lifecycles(pcap(made)), lifecycles(pcap(made), verify=True)
    assert taken.outcome.history.startswith("ShA")
    assert refused.outcome.history.startswith("C")
    assert refused.outcome.handshake == "three-way"


@pytest.mark.parametrize("ends", [(CLIENT, SERVER), _SIX])
def test_good_checksums(ends: tuple[tuple[str, int], tuple[str, int]]) -> None:
    """Of a sound connection nothing is refused."""
    assert lifecycles(pcap(packets(_ETHER, ends=ends)), verify=True) == lifecycles(pcap(packets(_ETHER, ends=ends)))


def test_zero_packets() -> None:
    """A capture of nothing holds nothing."""
    assert [lifecycles(pcap([])), lifecycles(pcapng([]))] == [[], []]


@pytest.mark.parametrize(
    "octets", [b"", b"\xd4", b"GIF89a", b"\x1f\x8b", gzip.compress(b"text", mtime=0), b"\x28\xb5\x2f\xfd0"]
)
def test_no_capture(octets: bytes) -> None:
    """What is none is said to be none."""
    with pytest.raises(InputError) as caught:
        raise read(octets).reading.problem or AssertionError
    assert caught.value.slug in {"not-a-capture", "cut-short"}


@pytest.mark.parametrize("name", _FILES)
@pytest.mark.parametrize("how", range(8))
def test_both_roads(name: str, how: int) -> None:
    """However a capture is read, what the fuzzer checks holds."""
    check(bytes([how]) + _FILES[name])
    check(bytes([how]) + _FILES[name][:-9])


def _harmless(octets: bytes) -> None:
    try:
        done = read(octets)
    except InputError as error:
        assert error.slug == "not-a-capture"  # noqa: PT017 - any of two ends is right
        return
    assert done.reading.problem is None or done.reading.problem.slug in {"cut-short", "absurd-length"}


@pytest.mark.parametrize("name", ["pcap, little-endian, microseconds", "pcapng, big-endian", "gzip of pcap"])
def test_cut_at_any_octet(name: str) -> None:
    """What was whole is there, and the end is said to be too early; never anything worse."""
    whole = _FILES[name]
    before = 0
    for size in range(24, len(whole)):
        try:
            done = read(whole[:size])
        except InputError as error:
            assert error.slug == "not-a-capture"  # noqa: PT017 - nothing was whole yet
            continue
        assert done.reading.decoder.packets >= before
        before = done.reading.decoder.packets
    assert before >= len(_MADE) - 1


@given(
    st.sampled_from([octets for name, octets in _FILES.items() if "two" not in name]), st.randoms(use_true_random=False)
)
@settings(max_examples=300, deadline=None)
def test_random_octets_anywhere(octets: bytes, random: Random) -> None:
    """Damage gives a message and what could be read; it crashes nothing."""
    damaged = bytearray(octets)
    for _ in range(random.randint(1, 20)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    _harmless(bytes(damaged))


@given(st.sampled_from([pcap(_MADE)[:24], pcap(_MADE, order=">")[:24], pcapng([])]), st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_random_octets_behind_a_header(head: bytes, octets: bytes) -> None:
    """As above."""
    _harmless(head + octets)


@pytest.mark.parametrize("length", [0x7FFFFFFF, 0xFFFFFFFF, 1 << 24])
def test_absurd_lengths(length: int) -> None:
    """Are told from packets; what came before is shown."""
    done = read(pcap(_MADE) + struct.pack("<IIII", 1, 1, length, length))
    assert done.reading.problem is not None
    assert done.reading.problem.slug == "absurd-length"
    assert [each.outcome.conn_state for each in done.lifecycles] == ["SF"]


def test_a_clock_that_goes_back() -> None:
    """Times that fall are taken as they are."""
    made = [packet._replace(time=packet.time - number * 10**9) for number, packet in enumerate(_MADE)]
    (found,) = lifecycles(pcap(made))
    assert (found.outcome.conn_state, found.first, found.last) == ("SF", made[0].time, made[-1].time)


def test_what_is_no_tcp() -> None:
    """UDP, ARP, unknown link types: counted as packets, no more."""
    udp = bytearray(_MADE[0].octets)
    udp[23] = 17
    arp = Packet(1, bytes(12) + b"\x08\x06" + bytes(28))
    done = read(pcap([Packet(1, bytes(udp)), arp]))
    assert (done.lifecycles, done.reading.decoder.packets) == ([], 2)
    assert read(pcap(_MADE, 147)).reading.decoder.unknown_links == {147: len(_MADE)}


def test_acknowledgments_alone() -> None:
    """A lone ACK is a connection of which nothing is known."""
    (found,) = lifecycles(pcap(packets(_ETHER, steps=[(True, ACK, 5, 5, 0)])))
    assert (found.outcome.conn_state, found.outcome.history) == ("OTH", "A")
