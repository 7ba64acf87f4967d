"""Claims about what SYN and SYN-ACK agree on: timestamps, and data in the SYN."""

import socket
import struct
import time

from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.segment import ACK, PSH, SYN, Segment
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.wait import seconds_until

__all__ = ["NEGOTIATING"]

_STAMPS, _FAST_OPEN = "net.ipv4.tcp_timestamps", "net.ipv4.tcp_fastopen"
_OPTIONS = "net/ipv4/tcp_output.c tcp_syn_options()"
_COOKIE = "net/ipv4/tcp_fastopen.c tcp_try_fastopen()"
_TCP_FASTOPEN = 23  # include/uapi/linux/tcp.h
_THREE_SECONDS = struct.pack("@ll", 3, 0)
_SAME_CLOCK_MS = 2000


def offset_modes(stage: Stage) -> Seen:
    """The clock in SYNs to three hosts: none, all different, all the same."""
    clocks = {}
    for value in (0, 1, 2):
        stage.client.set({_STAMPS: value})
        clocks[value] = [segment.timestamps[0] for segment in _syns_to_three(stage) if segment.timestamps]
    spread = {value: max(seen) - min(seen) if seen else None for value, seen in clocks.items()}
    one, two = spread[1], spread[2]
    return Seen(
        not clocks[0] and one is not None and two is not None and two < _SAME_CLOCK_MS < one,
        f"clocks shown to 3 hosts: 0: {len(clocks[0])}; 1: up to {one} ms apart; 2: up to {two} ms apart",
    )


def _syns_to_three(stage: Stage) -> list[Segment]:
    tap = stage.tap()
    hosts = [stage.link.client(stage.family, 3000 + number) for number in range(3)]
    for host in hosts:
        stage.client.cut(host)
        stage.client.connect((host, 80), patience_s=0.05)
    tap.wait(lambda one: one.target[0] == hosts[-1] and one.flags == SYN)
    first = {segment.target[0]: segment for segment in reversed(tap.seen(lambda one: one.flags == SYN))}
    return [first[host] for host in hosts if host in first]


def both_or_none(stage: Stage) -> Seen:
    """Each end with and without: segments carry the option where both have it."""
    seen = {}
    for port, client, server in ((81, 1, 1), (82, 0, 1), (83, 1, 0)):
        stage.client.set({_STAMPS: client})
        stage.server.set({_STAMPS: server})
        tap = stage.tap()
        stage.open(stage.server.listen(port)).opener.send(b"x")
        data = tap.wait(lambda one: one.payload)
        if data is None:
            raise NotTestableError("no data passed")
        seen[client, server] = data.timestamps is not None
    return Seen(
        list(seen.values()) == [True, False, False],
        f"timestamps on data: both ends {_yes(seen[1, 1])}, not the client {_yes(seen[0, 1])}, "
        f"not the server {_yes(seen[1, 0])}",
    )


def _yes(there: object) -> str:
    return "yes" if there else "no"


def paws(stage: Stage) -> Seen:
    """Data with an older clock is dropped and counted, with a newer one delivered."""
    door, puppet = stage.server.listen(), stage.puppet()
    numbers = puppet.connect(1001, stamp=1_000_000)
    accepted, count = stage.take(door), stage.server.count()
    if numbers.timestamps is None:
        raise NotTestableError("the server uses no timestamps")
    time.sleep(1.1)  # the clock of the first segment must have been stored (TCP_PAWS_WINDOW)
    echo = numbers.timestamps[1]
    puppet.send(1001, 80, PSH | ACK, payload=b"x", **numbers._replace(timestamps=(10, echo)).fields())
    time.sleep(0.2)
    old = _waiting_bytes(stage)
    puppet.send(1001, 80, PSH | ACK, payload=b"x", **numbers._replace(timestamps=(1_001_000, echo)).fields())
    seconds_until(lambda: _waiting_bytes(stage), 2)
    new = _waiting_bytes(stage)
    rejected = count["PAWSEstab"]
    accepted.close()
    return Seen(
        (old, new, rejected) == (0, 1, 1), f"older clock: {old} bytes taken, PAWSEstab {rejected}; newer: {new} byte"
    )


def _waiting_bytes(stage: Stage) -> int:
    return sum(row.queued for row in stage.server.rows(1001))


def fast_open_needs_both(stage: Stage) -> Seen:
    """Data travels in the SYN only where sysctl and listener both say so."""
    stage.client.set({_FAST_OPEN: 1})
    seen = {}
    for port, bits, asks in ((81, 1, True), (82, 3, False), (83, 3, True)):
        stage.server.set({_FAST_OPEN: bits})
        option = [(socket.IPPROTO_TCP, _TCP_FASTOPEN, 8)] if asks else []
        door, count = stage.server.listen(port, options=option), stage.server.count()
        for _ in range(2):
            opener = stage.client.fresh()
            opener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _THREE_SECONDS)
            opener.sendto(b"x", socket.MSG_FASTOPEN, door.getsockname()[:2])
            stage.take(door)
        seen[port] = count["TCPFastOpenPassive"]
    return Seen(
        list(seen.values()) == [0, 0, 1],
        f"connections with data in the SYN, of 2: setting 1 and listener asking {seen[81]}, setting 3 and listener not "
        f"asking {seen[82]}, both {seen[83]}",
    )


def fast_open_alone(stage: Stage) -> Seen:
    """An ordinary client and an ordinary server under 3."""
    for end in (stage.client, stage.server):
        end.set({_FAST_OPEN: 3})
    client, server = stage.client.count(), stage.server.count()
    stage.leave(stage.server.listen(), (0,) * 5)
    active, passive = client["TCPFastOpenActive"], server["TCPFastOpenPassive"]
    return Seen(
        (active, passive) == (0, 0), f"5 connections under 3: TCPFastOpenActive {active}, TCPFastOpenPassive {passive}"
    )


NEGOTIATING = (
    Claim(
        "timestamps-offset-modes",
        "tcp_timestamps = 1 shows each host a clock of its own, 2 shows all the same one, 0 shows none.",
        "net/core/secure_seq.c secure_tcp_ts_off(); commit 95a22caee396",
        (_STAMPS,),
        offset_modes,
        1,
    ),
    Claim(
        "timestamps-take-both-ends",
        "Timestamps are used only where both ends offer them.",
        f"{_OPTIONS}; RFC 7323 section 2.2",
        (_STAMPS,),
        both_or_none,
    ),
    Claim(
        "paws-drops-older-clocks",
        "Data whose timestamp is older than the last one is dropped: PAWSEstab.",
        "net/ipv4/tcp_input.c tcp_validate_incoming(); RFC 7323 section 5",
        (_STAMPS,),
        paws,
        2,
    ),
    Claim(
        "fastopen-listener-needs-both",
        "A listener takes data in a SYN only if tcp_fastopen permits it and the program asks for it by TCP_FASTOPEN.",
        f"{_COOKIE}; RFC 7413",
        (_FAST_OPEN,),
        fast_open_needs_both,
        1,
    ),
    Claim(
        "fastopen-does-nothing-by-itself",
        "tcp_fastopen = 3 alone changes no connection: both programs have to ask for it.",
        f"{_COOKIE}; RFC 7413 section 4",
        (_FAST_OPEN,),
        fast_open_alone,
    ),
)
