"""Claims about TIME_WAIT: who has it, for how long, and what ends it sooner."""

import socket
import time

from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.segment import ACK, FIN, RST, SYN
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.tap import Puppet
from lastack.lab.claims.wait import seconds_until, stays

__all__ = ["TIME_WAIT"]

_RFC1337, _FIN_TIMEOUT, _REUSE = "net.ipv4.tcp_rfc1337", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_tw_reuse"
_STATE_PROCESS = "net/ipv4/tcp_minisocks.c tcp_timewait_state_process()"
_LENGTH = "include/net/tcp.h TCP_TIMEWAIT_LEN"
_MINUTE_S = 62.5
_REUSE_ADDRESS = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
_MINUTE = range(59, 67)  # seconds that count as a minute: the timer wheel adds one or two, a busy machine more


def _lives(stage: Stage, port: int = 80) -> float | None:
    """How long the server's TIME_WAIT on that port lasts from now, in seconds."""
    return seconds_until(lambda: stage.server.sockstat("tw") == 0 and not stage.server.rows(port), 70)


def lasts_a_minute(stage: Stage) -> Seen:
    """From the close to the moment it is gone."""
    door = stage.server.listen()
    stage.leave(door, by_server=True)
    start = stage.server.states(80)["TIME_WAIT"]
    door.close()
    took = _lives(stage)
    return Seen(
        start == 1 and took is not None and int(took) in _MINUTE,
        f"{start} TIME_WAIT, gone after " + ("more than 70 s" if took is None else f"{took:.1f} s"),
    )


def fin_timeout_is_another(stage: Stage) -> Seen:
    """The same with tcp_fin_timeout = 5."""
    stage.server.set({_FIN_TIMEOUT: 5})
    return lasts_a_minute(stage)


def first_closers(stage: Stage) -> Seen:
    """The side that closes first has it, whichever opened."""
    seen = []
    for port, by_server in ((81, True), (82, False)):
        stage.leave(stage.server.listen(port), (0,) * 5, by_server=by_server)
        ends = (stage.server, stage.client)
        seen.append(tuple(end.states(port)["TIME_WAIT"] for end in ends))
    return Seen(
        seen == [(5, 0), (0, 5)],
        f"TIME_WAIT at server and client: {seen[0]} where the server closed first, {seen[1]} where the client did",
    )


def both_when_both_close(stage: Stage) -> Seen:
    """FIN crosses FIN: each side has one."""
    opener, accepted = stage.open(stage.server.listen())
    stage.server.cut(stage.client.address)
    stage.client.cut(stage.server.address)
    opener.close()
    accepted.close()
    states = (stage.server.states(80)["FIN_WAIT1"], stage.client.states(80)["FIN_WAIT1"])
    stage.server.mend(stage.client.address)
    stage.client.mend(stage.server.address)
    both = lambda: stage.server.states(80)["TIME_WAIT"] == stage.client.states(80)["TIME_WAIT"] == 1  # noqa: E731
    took = seconds_until(both, 10)
    return Seen(
        states == (1, 1) and took is not None,
        "FIN crossed FIN: " + ("no TIME_WAIT at both ends" if took is None else "TIME_WAIT at both ends"),
    )


def yields_to_syn(stage: Stage) -> Seen:
    """The same client port connects again at once, with tcp_tw_reuse 0 at both ends."""
    for end in (stage.server, stage.client):
        end.set({_REUSE: 0})
    door, count = stage.server.listen(), stage.server.count()
    stage.leave(door, (40_000,), by_server=True)
    waiting = stage.server.states(40_000)["TIME_WAIT"]
    again = stage.client.connect(door.getsockname()[:2], source=(stage.client.address, 40_000))
    states = stage.server.states(40_000)
    return Seen(
        waiting == 1 and again.ok and states["TIME_WAIT"] == 0 and count["TWRecycled"] == 0,
        f"{waiting} TIME_WAIT at the server; the client's connect() from the same port: {again.result}; then "
        f"{states['TIME_WAIT']} TIME_WAIT, TWRecycled {count['TWRecycled']}",
    )


def restarts(stage: Stage) -> Seen:
    """A segment that reaches it gives it its minute again."""
    puppet = _puppet_in_time_wait(stage)
    time.sleep(2.5)
    before = _left_ms(stage)
    puppet.send(1001, 80, ACK, sequence=5)
    took = seconds_until(lambda: _left_ms(stage) > before + 1000, 3)
    after = _left_ms(stage)
    return Seen(took is not None and before < 58_000, f"{before / 1000:.1f} s left, after an ACK {after / 1000:.1f} s")


def _left_ms(stage: Stage) -> int:
    return max((row.expires_ms for row in stage.server.rows(80) if row.state == "TIME_WAIT"), default=0)


def _puppet_in_time_wait(stage: Stage, stamp: int = 10_000) -> Puppet:
    """A TIME_WAIT of the server's towards a puppet, port 1001, which has said all."""
    door, puppet = stage.server.listen(), stage.puppet()
    numbers = puppet.connect(1001, stamp=stamp)
    stage.take(door).close()
    fin = puppet.answer(1001, flags=FIN | ACK)
    if fin is None:
        raise NotTestableError("no FIN came")
    puppet.send(1001, 80, FIN | ACK, **numbers._replace(acknowledgement=fin.sequence + 1).fields())
    stage.server.reaches(80, "TIME_WAIT", 3)
    return puppet


def rst_ends_it(stage: Stage) -> Seen:
    """With tcp_rfc1337 = 0 an RST with the exact sequence number removes it."""
    stage.server.set({_RFC1337: 0})
    before, after = _after_rst(stage)
    return Seen((before, after) == (1, 0), f"{before} TIME_WAIT before the RST, {after} after it")


def rst_ignored(stage: Stage) -> Seen:
    """With 1 it stays."""
    stage.server.set({_RFC1337: 1})
    before, after = _after_rst(stage)
    return Seen((before, after) == (1, 1), f"{before} TIME_WAIT before the RST, {after} after it")


def _after_rst(stage: Stage) -> tuple[int, int]:
    puppet = _puppet_in_time_wait(stage)
    before = stage.server.states(80)["TIME_WAIT"]
    puppet.send(1001, 80, RST, sequence=1002)
    time.sleep(0.3)
    return before, stage.server.states(80)["TIME_WAIT"]


def nat_hangs(stage: Stage) -> Seen:
    """With 1 a client behind NAT with an older clock gets an ACK for its SYN, resets it, and tries again in vain."""
    stage.server.set({_RFC1337: 1})
    first, second, left = _behind_nat(stage)
    return Seen(
        first == "ACK" and second != "SYN-ACK" and left == 1,
        f"older SYN: {first}; after the client's RST the next SYN: {second}; {left} TIME_WAIT",
    )


def nat_recovers(stage: Stage) -> Seen:
    """With 0 the RST clears the way."""
    stage.server.set({_RFC1337: 0})
    first, second, left = _behind_nat(stage)
    return Seen(
        (first, second, left) == ("ACK", "SYN-ACK", 0),
        f"older SYN: {first}; after the client's RST the next SYN: {second}; {left} TIME_WAIT",
    )


def _behind_nat(stage: Stage) -> tuple[str, str, int]:
    """Another host behind the same address takes the same port; its clock is behind, its numbers too."""
    puppet = _puppet_in_time_wait(stage, stamp=1_000_000)
    count = len(puppet.answers(1001, ACK))
    puppet.syn(1001, sequence=500, stamp=10)
    answer = puppet.tap.wait(lambda _: len(puppet.answers(1001, ACK)) > count, 1)
    if answer is None:
        return "nothing", "not sent", stage.server.states(1001)["TIME_WAIT"]
    challenge = puppet.answers(1001, ACK)[-1]
    puppet.send(1001, 80, RST, sequence=challenge.acknowledgement)
    time.sleep(0.2)
    before = len(puppet.answers(1001, SYN | ACK))
    puppet.syn(1001, sequence=500, stamp=1010)
    puppet.tap.wait(lambda _: len(puppet.answers(1001, SYN | ACK)) > before, 1.2)
    second = "SYN-ACK" if len(puppet.answers(1001, SYN | ACK)) > before else "no SYN-ACK"
    return "ACK", second, stage.server.states(1001)["TIME_WAIT"]


def reuse_address(stage: Stage) -> Seen:
    """A server starts again over its TIME_WAIT if both, the old sockets and the new, have SO_REUSEADDR."""
    answers = []
    for port, first, second in ((81, True, True), (82, False, True), (83, True, False)):
        stage.leave(_plain_listener(stage, port, reuse=first), by_server=True)
        stage.server.close_kept(port)
        try:
            _plain_listener(stage, port, reuse=second)
            answers.append("ok")
        except OSError as error:
            answers.append("EADDRINUSE" if error.errno == 98 else str(error))
    return Seen(
        answers == ["ok", "EADDRINUSE", "EADDRINUSE"],
        f"bind() over TIME_WAIT: both with SO_REUSEADDR {answers[0]}, the old without {answers[1]}, "
        f"the new without {answers[2]}",
    )


def _plain_listener(stage: Stage, port: int, *, reuse: bool) -> socket.socket:
    door = stage.server.fresh([_REUSE_ADDRESS] if reuse else [])
    door.bind((stage.server.address, port))
    door.listen()
    door.settimeout(3)
    return door


def no_file(stage: Stage) -> Seen:
    """A hundred TIME_WAIT sockets and not one file more."""
    door = stage.server.listen()
    before = _own_sockets(stage)
    stage.leave(door, (0,) * 100, by_server=True)
    waiting, files = stage.server.states(80)["TIME_WAIT"], _own_sockets(stage) - before
    return Seen(
        (waiting, files) == (100, 0), f"{waiting} TIME_WAIT, {files} files more in sockstat's count of sockets in use"
    )


def _own_sockets(stage: Stage) -> int:
    return stage.server.sockstat("inuse")


def another_destination(stage: Stage) -> Seen:
    """A port in TIME_WAIT towards one destination serves another one."""
    stage.client.set({"net.ipv4.ip_local_port_range": "40000 40000", _REUSE: 0})
    first, second = stage.server.listen(81), stage.server.listen(82)
    stage.leave(first)
    results = [stage.client.connect(door.getsockname()[:2]).result for door in (first, second)]
    return Seen(
        results == ["EADDRNOTAVAIL", "ok"],
        f"one port, in TIME_WAIT towards :81: connect() to :81 {results[0]}, to :82 {results[1]}",
    )


def survives_close_of_listener(stage: Stage) -> Seen:
    """It stays when nobody listens on its port any more."""
    door = stage.server.listen()
    stage.leave(door, by_server=True)
    door.close()
    kept = stays(lambda: stage.server.states(80)["TIME_WAIT"] == 1, 0.5)
    return Seen(kept, "TIME_WAIT is there without its listener" if kept else "TIME_WAIT is gone with its listener")


TIME_WAIT = (
    Claim(
        "time-wait-lasts-60-s",
        "TIME_WAIT lasts 60 s, and no more than the timer's slack beyond.",
        _LENGTH,
        (),
        lasts_a_minute,
        _MINUTE_S,
    ),
    Claim(
        "fin-timeout-is-not-time-wait",
        "tcp_fin_timeout does not shorten TIME_WAIT: with 5 it lasts 60 s.",
        f"{_LENGTH}, net/ipv4/tcp_minisocks.c tcp_time_wait()",
        (_FIN_TIMEOUT,),
        fin_timeout_is_another,
        _MINUTE_S,
    ),
    Claim(
        "time-wait-is-the-first-closers",
        "The side that closes first has the TIME_WAIT, whichever opened the connection.",
        "RFC 9293 section 3.6",
        (),
        first_closers,
    ),
    Claim(
        "simultaneous-close-leaves-two",
        "Where both sides close at once, both have a TIME_WAIT.",
        "RFC 9293 section 3.6, figure 13",
        (),
        both_when_both_close,
    ),
    Claim(
        "time-wait-yields-to-a-new-syn",
        "A server's TIME_WAIT keeps no client out: its new SYN takes the place, whatever tcp_tw_reuse says.",
        f"{_STATE_PROCESS}: TCP_TW_SYN; RFC 9293 section 3.10.7.4",
        (_REUSE,),
        yields_to_syn,
    ),
    Claim(
        "time-wait-restarts-with-an-ack",
        "A segment of the old connection gives a TIME_WAIT its 60 s again.",
        f"{_STATE_PROCESS}; RFC 9293 section 3.10.7.4",
        (),
        restarts,
        3,
    ),
    Claim(
        "rfc1337-zero-lets-rst-end-it",
        "With tcp_rfc1337 = 0 an RST that fits ends TIME_WAIT.",
        f"{_STATE_PROCESS}; RFC 1337 section 3",
        (_RFC1337,),
        rst_ends_it,
    ),
    Claim(
        "rfc1337-one-keeps-time-wait",
        "With tcp_rfc1337 = 1 TIME_WAIT ignores an RST: 1 is the value that protects, not 0.",
        f"{_STATE_PROCESS}; RFC 1337 section 3",
        (_RFC1337,),
        rst_ignored,
    ),
    Claim(
        "rfc1337-one-hangs-the-client-behind-nat",
        "With tcp_rfc1337 = 1 a client behind NAT whose older timestamps meet a TIME_WAIT cannot connect.",
        _STATE_PROCESS,
        (_RFC1337, "net.ipv4.tcp_timestamps"),
        nat_hangs,
        2,
    ),
    Claim(
        "rfc1337-zero-lets-the-client-behind-nat-in",
        "With tcp_rfc1337 = 0 such a client resets the TIME_WAIT, and its next SYN is answered.",
        _STATE_PROCESS,
        (_RFC1337, "net.ipv4.tcp_timestamps"),
        nat_recovers,
        2,
    ),
    Claim(
        "reuseaddr-needs-both",
        "bind() over TIME_WAIT takes SO_REUSEADDR on the new socket and on those that left the TIME_WAIT.",
        "net/ipv4/inet_connection_sock.c inet_csk_get_port(), inet_bind_conflict()",
        (),
        reuse_address,
    ),
    Claim(
        "time-wait-holds-no-file",
        "TIME_WAIT sockets hold no file and are no socket in use.",
        "net/ipv4/inet_timewait_sock.c inet_twsk_alloc()",
        (),
        no_file,
    ),
    Claim(
        "time-wait-keeps-a-port-from-one-destination",
        "A client's port in TIME_WAIT towards one destination is free for every other.",
        "net/ipv4/inet_hashtables.c __inet_check_established()",
        ("net.ipv4.ip_local_port_range",),
        another_destination,
    ),
    Claim(
        "time-wait-outlives-its-listener",
        "TIME_WAIT does not end with the program or the listener that it came from.",
        "net/ipv4/tcp_minisocks.c tcp_time_wait()",
        (),
        survives_close_of_listener,
        1,
    ),
)
