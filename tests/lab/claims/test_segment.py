"""Segments as bytes."""

import socket
import struct

from hypothesis import given
from hypothesis import strategies as st

from lastack.lab.claims.segment import ACK, SYN, Segment, parse

_U32 = st.integers(0, 2**32 - 1)
_PORTS = st.integers(1, 65_535)
_V4 = st.ip_addresses(v=4).map(str)
_V6 = st.ip_addresses(v=6).map(lambda address: socket.inet_ntop(socket.AF_INET6, address.packed))


@st.composite
def _segments(draw: st.DrawFn) -> Segment:
    addresses = draw(st.sampled_from([_V4, _V6]))
    return Segment(
        (draw(addresses), draw(_PORTS)),
        (draw(addresses), draw(_PORTS)),
        draw(st.integers(0, 255)),
        draw(_U32),
        draw(_U32),
        draw(st.none() | st.tuples(_U32, _U32)),
        draw(st.none() | st.integers(0, 65_535)),
        draw(st.none() | st.integers(0, 14)),
        draw(st.booleans()),
        draw(st.binary(max_size=100)),
    )


@given(_segments())
def test_what_is_written_is_read(segment: Segment) -> None:
    """Every field survives, options and data included."""
    assert parse(segment.packet()) == segment


@given(_segments())
def test_checksums_are_right(segment: Segment) -> None:
    """RFC 1071: the sum of a header with its checksum in it is all ones."""
    packet = segment.packet()
    if packet[0] >> 4 == 4:
        assert _sum(packet[:20]) == 0xFFFF
        pseudo, tcp = packet[12:20], packet[20:]
    else:
        pseudo, tcp = packet[8:40], packet[40:]
    assert _sum(pseudo + struct.pack("!II", len(tcp), 6) + tcp) == 0xFFFF


def _sum(octets: bytes) -> int:
    """By bytes, where the code goes by words."""
    total = sum(octet << (8 if at % 2 == 0 else 0) for at, octet in enumerate(octets))
    while total > 0xFFFF:
        total = total // 0x10000 + total % 0x10000
    return total


def test_a_recorded_syn_is_read() -> None:
    """One that Linux sent over loopback: MSS 65495, SACK, timestamps, scale 7 (tcpdump -x)."""
    recorded = bytes.fromhex(
        "4500003c1c4640004006207f7f0000017f000001"
        "c350005000000abc00000000a002ffd7fe30000002"
        "04ffd70402080a0000303900000000"
        "01030307"
    )
    segment = parse(recorded)
    assert segment is not None
    assert (segment.source, segment.target) == (("127.0.0.1", 50_000), ("127.0.0.1", 80))
    assert (segment.flags, segment.sequence, segment.acknowledgement) == (SYN, 0xABC, 0)
    assert (segment.mss, segment.sack, segment.timestamps, segment.scale) == (65_495, True, (12_345, 0), 7)


def test_other_packets_are_none_of_ours() -> None:
    """Nothing, ARP's bytes, UDP."""
    udp = Segment(("192.0.2.1", 1), ("192.0.2.2", 2), ACK).packet()
    assert parse(b"") is None
    assert parse(b"\x00\x01\x08\x00") is None
    assert parse(udp[:9] + b"\x11" + udp[10:]) is None
