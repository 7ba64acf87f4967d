"""Claims about finished handshakes that wait for accept()."""

import socket
import time

from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.end import Count
from lastack.lab.claims.segment import ACK
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.tap import Puppet
from lastack.lab.claims.wait import seconds_until

__all__ = ["ACCEPT_QUEUE"]

_SOMAXCONN, _ABORT, _MIGRATE = "net.core.somaxconn", "net.ipv4.tcp_abort_on_overflow", "net.ipv4.tcp_migrate_req"
_LISTEN, _FULL = "net/socket.c __sys_listen()", "include/net/sock.h sk_acceptq_is_full()"
_CHECK = "net/ipv4/tcp_minisocks.c tcp_check_req(), net/ipv4/inet_connection_sock.c inet_csk_complete_hashdance()"
_REUSE_PORT = (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _limit(stage: Stage, port: int = 80) -> int:
    return next(row.limit for row in stage.server.rows(port) if row.state == "LISTEN")


def at_listen(stage: Stage) -> Seen:
    """A listener keeps its number until it calls listen() again."""
    stage.server.set({_SOMAXCONN: 200})
    door = stage.server.listen(backlog=1000)
    first = _limit(stage)
    stage.server.set({_SOMAXCONN: 300})
    kept = _limit(stage)
    door.listen(1000)
    then = _limit(stage)
    return Seen(
        (first, kept, then) == (200, 200, 300),
        f"listen(1000) under 200: {first}; somaxconn raised to 300: {kept}; after another listen(): {then}",
    )


def plus_one(stage: Stage) -> Seen:
    """listen(2) takes three, listen(7) eight."""
    held = {}
    for port, backlog in ((81, 2), (82, 7)):
        target = stage.server.listen(port, backlog).getsockname()[:2]
        held[backlog] = 0
        while stage.client.connect(target, patience_s=0.5).ok:
            held[backlog] += 1
    return Seen(
        held == {2: 3, 7: 8}, ", ".join(f"listen({backlog}): {count} connections" for backlog, count in held.items())
    )


def caps(stage: Stage) -> Seen:
    """listen(1000) under a somaxconn of five."""
    stage.server.set({_SOMAXCONN: 5})
    target = stage.server.listen(backlog=1000).getsockname()[:2]
    held = 0
    while held < 20 and stage.client.connect(target, patience_s=0.5).ok:
        held += 1
    return Seen(
        (_limit(stage), held) == (5, 6), f"somaxconn 5, listen(1000): limit {_limit(stage)}, {held} connections wait"
    )


def small_backlog(stage: Stage) -> Seen:
    """A program that asks for 511 has 511, whatever the cap."""
    seen = []
    for port, cap in ((81, 4096), (82, 65_535)):
        stage.server.set({_SOMAXCONN: cap})
        stage.server.listen(port, 511)
        seen.append(_limit(stage, port))
    return Seen(seen == [511, 511], f"listen(511): {seen[0]} under somaxconn 4096, {seen[1]} under 65535")


def default_cap(stage: Stage) -> Seen:
    """A new namespace has 4096."""
    value = stage.server.get(_SOMAXCONN)
    return Seen(value == "4096", f"somaxconn of a new namespace: {value}")


def full_is_silent(stage: Stage) -> Seen:
    """The SYN is dropped: no RST, both counters alike."""
    refused, count, _ = _one_too_many(stage)
    overflows, drops, resets = count["ListenOverflows"], count["ListenDrops"], count["OutRsts"]
    return Seen(
        refused == "no answer" and overflows == drops > 0 and resets == 0,
        f"accept queue full: {refused}; ListenOverflows {overflows}, ListenDrops {drops}, {resets} RST",
    )


def abort_spares_syns(stage: Stage) -> Seen:
    """With tcp_abort_on_overflow = 1 it is the same."""
    stage.server.set({_ABORT: 1})
    refused, count, _ = _one_too_many(stage)
    resets = count["OutRsts"]
    return Seen(
        refused == "no answer" and resets == 0, f"accept queue full, tcp_abort_on_overflow 1: {refused}, {resets} RST"
    )


def _one_too_many(stage: Stage) -> tuple[str, Count, socket.socket]:
    door = stage.server.listen(backlog=2)
    for _ in range(3):
        stage.client.connect(door.getsockname()[:2])
    count = stage.server.count()
    return stage.client.connect(door.getsockname()[:2], patience_s=1.5).result, count, door


def abort_resets_last_ack(stage: Stage) -> Seen:
    """The queue fills between the SYN and the ACK: the ACK is answered with RST."""
    stage.server.set({_ABORT: 1})
    puppet, count = _late_ack(stage)[:2]
    reset = puppet.tap.wait(lambda _: puppet.resets(1001), 1)
    embryonic = count["EmbryonicRsts"]
    return Seen(
        reset is not None and embryonic == 1,
        f"{len(puppet.resets(1001))} RST for the last ACK, EmbryonicRsts {embryonic}",
    )


def no_abort_recovers(stage: Stage) -> Seen:
    """With 0 the ACK is ignored, the SYN-ACK repeated, and the connection made once there is room."""
    stage.server.set({_ABORT: 0})
    puppet, count, door, ack = _late_ack(stage)
    time.sleep(0.2)
    embryonic, half_open = count["EmbryonicRsts"], stage.server.states(1001)["SYN_RECV"]
    for _ in range(3):
        stage.take(door)
    again = puppet.tap.wait(lambda _: len(puppet.answers(1001)) > 1, 4)
    puppet.send(1001, 80, ACK, sequence=1001, acknowledgement=ack)
    made = stage.server.reaches(1001, "ESTABLISHED", 2)
    return Seen(
        (embryonic, half_open) == (0, 1) and again is not None and made is not None,
        f"no RST, {half_open} in SYN_RECV; SYN-ACK {'repeated' if again else 'not repeated'}; with room in the queue "
        f"{'ESTABLISHED' if made is not None else 'no connection'}",
    )


def _late_ack(stage: Stage) -> tuple[Puppet, Count, socket.socket, int]:
    """A puppet's SYN, the queue filled by others, then its ACK; the ACK's number."""
    stage.server.set({"net.ipv4.tcp_timestamps": 0})
    door, puppet = stage.server.listen(backlog=2), stage.puppet()
    puppet.syn(1001, stamp=None)
    hello = puppet.answer(1001)
    if hello is None:
        raise NotTestableError("the SYN was not answered")
    for _ in range(3):
        stage.client.connect(door.getsockname()[:2])
    count = stage.server.count()
    ack = hello.sequence + 1
    puppet.send(1001, 80, ACK, sequence=1001, acknowledgement=ack)
    return puppet, count, door, ack


def migrates(stage: Stage) -> Seen:
    """With tcp_migrate_req = 1 what waits at a closed listener goes to its sibling."""
    stage.server.set({_MIGRATE: 1})
    saved, lost, moved = _close_one_of_two(stage)
    return Seen(
        lost == 0 and saved == 12 and moved > 0,
        f"12 connections wait at two listeners, one closes: {lost} reset, TCPMigrateReqSuccess {moved}",
    )


def loses(stage: Stage) -> Seen:
    """With 0 all of them are reset."""
    stage.server.set({_MIGRATE: 0})
    saved, lost, moved = _close_one_of_two(stage)
    return Seen(
        lost > 0 and saved + lost == 12 and moved == 0,
        f"12 connections wait at two listeners, one closes: {lost} reset, {saved} left, TCPMigrateReqSuccess {moved}",
    )


def _close_one_of_two(stage: Stage) -> tuple[int, int, int]:
    """Connections saved, connections reset, TCPMigrateReqSuccess."""
    stage.server.get(_MIGRATE)
    doors = [stage.server.listen(options=[_REUSE_PORT]) for _ in range(2)]
    clients = [stage.client.connect(doors[0].getsockname()[:2]).socket for _ in range(12)]
    count = stage.server.count()
    doors[0].close()
    time.sleep(0.2)
    lost = sum(_is_reset(client) for client in clients)
    return 12 - lost, lost, count["TCPMigrateReqSuccess"]


def _is_reset(client: socket.socket) -> bool:
    return client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


def defers(stage: Stage) -> Seen:
    """With TCP_DEFER_ACCEPT a finished handshake stays in SYN_RECV until data comes."""
    stage.server.set({"net.ipv4.tcp_timestamps": 0})
    stage.server.listen(options=[(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5)])
    opener = stage.client.connect((stage.server.address, 80)).socket
    time.sleep(0.2)
    before = stage.server.states(80)
    opener.send(b"x")
    stage.server.reaches(80, "ESTABLISHED", 2)
    after = stage.server.states(80)
    return Seen(
        (before["SYN_RECV"], after["ESTABLISHED"]) == (1, 1),
        f"before data {before['SYN_RECV']} in SYN_RECV and {before['ESTABLISHED']} ESTABLISHED, after it "
        f"{after['ESTABLISHED']} ESTABLISHED",
    )


def served_before_accept(stage: Stage) -> Seen:
    """A client is connected, and may send, before accept()."""
    door = stage.server.listen()
    opener = stage.client.connect(door.getsockname()[:2])
    opener.socket.send(b"hello")
    seconds_until(lambda: any(row.queued == 5 for row in stage.server.rows(80)), 2)
    rows = [row for row in stage.server.rows(80) if row.state == "ESTABLISHED"]
    waits = next(row.queued for row in stage.server.rows(80) if row.state == "LISTEN")
    return Seen(
        opener.ok and len(rows) == 1 and rows[0].queued == 5 and waits == 1,
        f"before accept(): {len(rows)} ESTABLISHED with {rows[0].queued if rows else 0} bytes, {waits} in the queue",
    )


ACCEPT_QUEUE = (
    Claim(
        "somaxconn-applies-at-listen",
        "somaxconn is read by listen(): a listener that is there keeps its backlog until it calls that again.",
        _LISTEN,
        (_SOMAXCONN,),
        at_listen,
    ),
    Claim(
        "somaxconn-caps-the-backlog",
        "listen() cuts what a program asks for to somaxconn.",
        _LISTEN,
        (_SOMAXCONN,),
        caps,
        1,
    ),
    Claim(
        "somaxconn-alone-changes-nothing-for-a-small-backlog",
        "Raising somaxconn changes nothing for a program that asks listen() for less.",
        _LISTEN,
        (_SOMAXCONN,),
        small_backlog,
    ),
    Claim(
        "somaxconn-default-is-4096",
        "A namespace begins with somaxconn = 4096.",
        "include/linux/socket.h SOMAXCONN; commit 19f92a030ca6",
        (_SOMAXCONN,),
        default_cap,
    ),
    Claim(
        "accept-queue-holds-backlog-plus-one",
        "An accept queue holds one connection more than its backlog says.",
        f"{_FULL}: a > where one expects >=",
        (_SOMAXCONN,),
        plus_one,
        1.5,
    ),
    Claim(
        "accept-queue-full-drops-syns-in-silence",
        "A full accept queue drops SYNs without an RST; ListenOverflows and ListenDrops count them alike.",
        "net/ipv4/tcp_input.c tcp_conn_request()",
        (_SOMAXCONN, _ABORT),
        full_is_silent,
        2,
    ),
    Claim(
        "accept-queue-is-connected-already",
        "A client is connected and may send before the application has called accept().",
        "RFC 9293 section 3.10.1; listen(2)",
        (_SOMAXCONN,),
        served_before_accept,
    ),
    Claim(
        "abort-on-overflow-sends-no-rst-to-syns",
        "tcp_abort_on_overflow = 1 does not make an overloaded server refuse clients: their SYNs are dropped as ever.",
        "net/ipv4/tcp_input.c tcp_conn_request(); since Linux 4.10",
        (_ABORT, _SOMAXCONN),
        abort_spares_syns,
        2,
    ),
    Claim(
        "abort-on-overflow-resets-the-last-ack",
        "tcp_abort_on_overflow = 1 answers with RST where the accept queue fills between a SYN and its last ACK.",
        _CHECK,
        (_ABORT,),
        abort_resets_last_ack,
    ),
    Claim(
        "abort-off-lets-the-handshake-recover",
        "With tcp_abort_on_overflow = 0 such a handshake is repeated, and succeeds once the queue has room.",
        _CHECK,
        (_ABORT,),
        no_abort_recovers,
        2,
    ),
    Claim(
        "migrate-req-saves-the-queue",
        "With tcp_migrate_req = 1 connections that wait at a closed SO_REUSEPORT listener go to another of its group.",
        "net/core/sock_reuseport.c reuseport_migrate_sock()",
        (_MIGRATE,),
        migrates,
    ),
    Claim(
        "migrate-req-off-resets-the-queue",
        "With tcp_migrate_req = 0 connections that wait at a closed listener are reset, sibling or not.",
        "net/ipv4/inet_connection_sock.c inet_csk_listen_stop()",
        (_MIGRATE,),
        loses,
    ),
    Claim(
        "defer-accept-stays-half-open",
        "TCP_DEFER_ACCEPT keeps a finished handshake in SYN_RECV until the client sends data.",
        "net/ipv4/tcp_minisocks.c tcp_check_req(); tcp(7)",
        (),
        defers,
    ),
)
