"""Write a capture of many short connections, the same one each time.

    python bench/captures.py connections.pcap            # 100,000 connections, 632,000 packets, 54 MB
    python bench/captures.py --connections 1000 small.pcap

Thirty servers, four thousand clients, a thousand connections under way at any moment. ``SHAPES`` says what they do:
most come, speak or not, and close in three or four segments; some are reset, refused or never answered, some lose
a segment. Every packet has the options of a Linux host (MSS, SACK, timestamps, window scale) and good checksums.
"""

import argparse
import heapq
import random
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16

# How many of 1,000 connections do this. A step is a side, its flags and its payload; ``~`` is a retransmission timeout.
SHAPES = {
    "C:S s:SA C:A C:FA s:FA C:A": 410,
    "C:S s:SA C:A s:FA C:A C:FA s:A": 250,
    "C:S s:SA C:A C:PA=78 s:PA=350 C:FA s:FA C:A": 100,
    "C:S s:RA": 60,
    "C:S s:SA C:A C:PA=40 s:PA=200 C:R": 50,
    "C:S s:SA C:A C:PA=120 s:A s:PA=900 C:A s:FA C:FA s:A": 40,
    "C:S ~ C:S ~ C:S": 30,
    "C:S ~ C:S s:SA C:A C:FA s:FA C:A": 20,
    "C:S s:SA C:A C:PA=60 ~ C:PA=60 s:PA=300 C:FA s:FA C:A": 20,
    "C:S s:SA C:A s:RA": 20,
}

_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
_ETHERNET = bytes.fromhex("020000000002 020000000001 0800")
_START_US = 1_700_000_000_000_000
_UNDER_WAY = 1000


class Step(NamedTuple):
    """One segment of a shape: from the client or the server, its flags, its payload, and the wait before it."""

    client: bool
    flags: int
    payload: int
    wait_us: int


class Connection:
    """Both ends of one connection, stepping through its shape."""

    def __init__(self, steps: list[Step], number: int, draw: random.Random) -> None:
        self.steps = iter(steps)
        self.client = (0x0A010000 + number % 4096, 20000 + number // 4096)
        self.server = (0x0A020000 + number % 30, (80, 443, 6379)[number % 3])
        self.seq = {True: draw.getrandbits(32), False: draw.getrandbits(32)}
        self.sent: dict[bool, tuple[Step, int]] = {}

    def segment(self, step: Step, now_us: int) -> bytes:
        """The frame of a step: the next one from that side, or its last one again if it repeats it."""
        seq = self.seq[step.client]
        repeated = self.sent.get(step.client)
        if step.wait_us and repeated and repeated[0][:3] == step[:3]:
            seq = repeated[1]
        self.sent[step.client] = (step, seq)
        self.seq[step.client] = (seq + step.payload + bool(step.flags & (_SYN | _FIN))) & 0xFFFFFFFF
        ack = self.seq[not step.client] if step.flags & _ACK else 0
        ends = (self.client, self.server) if step.client else (self.server, self.client)
        return _frame(*ends, seq, ack, step, now_us // 1000)


def _frame(source: tuple[int, int], target: tuple[int, int], seq: int, ack: int, step: Step, clock_ms: int) -> bytes:
    stamps = struct.pack(">BBII", 8, 10, clock_ms & 0xFFFFFFFF, clock_ms & 0xFFFFFFFF if ack else 0)
    options = b"\x02\x04\x05\xb4\x04\x02" + stamps + b"\x01\x03\x03\x07" if step.flags & _SYN else b"\x01\x01" + stamps
    length = 20 + len(options) + step.payload
    ports = (source[1], target[1], seq, ack)
    fields = struct.pack(">HHIIBBHHH", *ports, (20 + len(options)) << 2, step.flags, 64240, 0, 0) + options
    pseudo = struct.pack(">IIHH", source[0], target[0], 6, length)
    check = _checksum(pseudo + fields + bytes(step.payload & 1))
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + length, 0, 0x4000, 64, 6, 0, source[0], target[0])
    ip = ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:]
    return b"".join((_ETHERNET, ip, fields[:16], struct.pack(">H", check), fields[18:], bytes(step.payload)))


def _checksum(data: bytes) -> int:
    # 2**16 is 1 modulo 65535, so the one's complement sum of 16-bit words is the whole number modulo 65535.
    return 0xFFFF - int.from_bytes(data + bytes(len(data) & 1), "big") % 0xFFFF


def _steps(shape: str) -> list[Step]:
    steps: list[Step] = []
    wait = 0
    for word in shape.split():
        if word == "~":
            wait = 1_000_000
            continue
        side, what = word.split(":")
        letters, _, payload = what.partition("=")
        flags = sum({"F": _FIN, "S": _SYN, "R": _RST, "P": _PSH, "A": _ACK}[letter] for letter in letters)
        steps.append(Step(side == "C", flags, int(payload or 0), wait))
        wait = 0
    return steps


def frames(connections: int, seed: int) -> Iterator[tuple[int, bytes]]:
    """Each packet in the order of time: microseconds since 1970, and its bytes."""
    draw = random.Random(seed)  # noqa: S311 - a capture that is the same each time
    shapes = [_steps(shape) for shape, count in SHAPES.items() for _ in range(count)]
    order = [shapes[number % 1000] for number in range(connections)]
    draw.shuffle(order)
    waiting = iter([Connection(steps, number, draw) for number, steps in enumerate(order)])
    under_way: list[tuple[int, int, Connection, Step]] = []
    ticket = 0
    for connection in waiting:
        ticket += 1
        heapq.heappush(under_way, (_START_US + ticket * 17, ticket, connection, next(connection.steps)))
        if ticket == _UNDER_WAY:
            break
    while under_way:
        now, _, connection, step = heapq.heappop(under_way)
        yield now, connection.segment(step, now)
        following = next(connection.steps, None)
        if following is None:
            connection, now = next(waiting, connection), now + 10
            following = next(connection.steps, None)
        if following:
            ticket += 1
            later = now + following.wait_us + draw.randrange(30, 900)
            heapq.heappush(under_way, (later, ticket, connection, following))


def write(file: BinaryIO, connections: int = 100_000, seed: int = 1) -> int:
    """Write the capture (pcap, microseconds, little-endian, Ethernet); gives the number of packets."""
    file.write(_PCAP_HEADER)
    packets = 0
    for now, frame in frames(connections, seed):
        file.write(struct.pack("<IIII", now // 1_000_000, now % 1_000_000, len(frame), len(frame)) + frame)
        packets += 1
    return packets


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with open(options.file, "wb") as file:  # noqa: PTH123 - one file
        print(f"{write(file, options.connections, options.seed):,} packets")


if __name__ == "__main__":
    main()
