"""Claims about tcp_tw_reuse: when connect() may take over the port of a connection in TIME_WAIT."""

import socket
import time
from typing import NamedTuple

from lastack.kernel.counters import read_counters
from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.end import End
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.wait import seconds_until

__all__ = ["REUSE"]

_REUSE, _DELAY, _STAMPS = "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_tw_reuse_delay", "net.ipv4.tcp_timestamps"
_RANGE, _RECYCLE = "net.ipv4.ip_local_port_range", "net.ipv4.tcp_tw_recycle"
_FEW = {_RANGE: "40000 40003"}
_PORTS = 4
_UNIQUE = "net/ipv4/tcp_ipv4.c tcp_twsk_unique()"


class _Next(NamedTuple):
    """What the next connect() came to when every port was in TIME_WAIT."""

    result: str
    recycled: int

    @property
    def is_reuse(self) -> bool:
        return self == ("ok", 1)

    @property
    def is_refusal(self) -> bool:
        return self == ("EADDRNOTAVAIL", 0)

    def __str__(self) -> str:
        return f"{self.result}, TWRecycled {self.recycled}"


def _next(stage: Stage, door: socket.socket, after_s: float) -> _Next:
    """Fill all ports of the client towards a listener with TIME_WAIT, wait, and connect once more."""
    stage.leave(door, (0,) * _PORTS)
    time.sleep(after_s)
    return _again(stage.client, door)


def _again(end: End, door: socket.socket) -> _Next:
    count = end.count()
    attempt = end.connect(door.getsockname()[:2])
    attempt.socket.close()
    return _Next(attempt.result, count["TWRecycled"])


def takes_over(stage: Stage) -> Seen:
    """With 1 the next connect() succeeds, with 0 it does not."""
    seen = {}
    for port, value in ((81, 0), (82, 1)):
        stage.client.set(_FEW | {_REUSE: value})
        seen[value] = _next(stage, stage.server.listen(port), 1.2)
    return Seen(seen[0].is_refusal and seen[1].is_reuse, f"after 1.2 s: with 0 {seen[0]}; with 1 {seen[1]}")


def needs_timestamps(stage: Stage) -> Seen:
    """Without timestamps at the client, or at the server, nothing is taken over."""
    stage.client.set(_FEW | {_REUSE: 1})
    seen = []
    for port, client, server in ((81, 1, 1), (82, 0, 1), (83, 1, 0)):
        stage.client.set({_STAMPS: client})
        stage.server.set({_STAMPS: server})
        seen.append(_next(stage, stage.server.listen(port), 1.2))
    both, no_client, no_server = seen
    return Seen(
        both.is_reuse and no_client.is_refusal and no_server.is_refusal,
        f"both ends: {both}; not the client: {no_client}; not the server: {no_server}",
    )


def waits_one_second(stage: Stage) -> Seen:
    """Refused while the TIME_WAIT is young, granted when it is a second old."""
    stage.client.set(_FEW | {_REUSE: 1})
    door = stage.server.listen()
    start = time.monotonic()
    young = _next(stage, door, 0.0)
    if time.monotonic() - start > 0.9:
        raise NotTestableError("the machine was too busy to look before the second was over")
    took = seconds_until(lambda: _again(stage.client, door).result == "ok", 5, start)
    age = "never" if took is None else f"{took:.2f} s"
    return Seen(
        young.is_refusal and took is not None and 0.99 <= took < 2, f"at once: {young}; first connection after {age}"
    )


def loopback_alone(stage: Stage) -> Seen:
    """With 2 a remote destination is refused and loopback granted."""
    stage.client.set(_FEW | {_REUSE: 2})
    far = _next(stage, stage.server.listen(), 1.2)
    near = _local(stage, stage.client.loopback)
    return Seen(
        far.is_refusal and near.is_reuse, f"after 1.2 s: to the server {far}; to {stage.client.loopback} {near}"
    )


def own_address_is_no_loopback(stage: Stage) -> Seen:
    """With 2 a connection to the host's own other address is refused."""
    stage.client.set(_FEW | {_REUSE: 2})
    own = _local(stage, stage.client.address)
    return Seen(own.is_refusal, f"after 1.2 s to the host's own {stage.client.address}: {own}")


def _local(stage: Stage, address: str) -> _Next:
    """As ``_next``, of the client to itself at this address."""
    door = stage.client.listen(90, address=address)
    for _ in range(_PORTS):
        opener = stage.client.connect((address, 90)).socket
        stage.wind_up(opener, stage.take(door))
    time.sleep(1.2)
    return _again(stage.client, door)


def delay_moves_it(stage: Stage) -> Seen:
    """With a delay of 200 ms the port comes back after 0.2 s, and not before."""
    stage.client.set(_FEW | {_REUSE: 1, _DELAY: 200})
    door = stage.server.listen()
    start = time.monotonic()
    stage.leave(door, (0,) * _PORTS)
    took = seconds_until(lambda: _again(stage.client, door).result == "ok", 3, start)
    age = "never" if took is None else f"{took:.2f} s"
    return Seen(took is not None and 0.19 <= took < 0.9, f"delay 200 ms: first connection after {age}")


def delay_range(stage: Stage) -> Seen:
    """0 and 60001 are refused, 1 and 60000 taken."""
    stage.client.get(_DELAY)
    answers = {value: stage.client.write(_DELAY, value) for value in (0, 1, 60_000, 60_001)}
    return Seen(
        list(answers.values()) == ["EINVAL", "ok", "ok", "EINVAL"],
        ", ".join(f"{value}: {answer}" for value, answer in answers.items()),
    )


def rate(stage: Stage) -> Seen:
    """Connections in two seconds over three ports, with three delays."""
    stage.client.set(_FEW | {_REUSE: 1})
    made = {}
    for port, delay in ((81, 1000), (82, 250), (83, 50)):
        stage.client.set({_DELAY: delay})
        made[delay] = _made(stage, stage.server.listen(port), 2.0)
    fits = all(0.5 <= made[delay] / (_PORTS * 2000 / delay + _PORTS) <= 1.01 for delay in made)
    counts = ", ".join(f"{count} with {delay} ms" for delay, count in made.items())
    return Seen(fits, f"connections in 2 s over {_PORTS} ports: {counts}")


def _made(stage: Stage, door: socket.socket, seconds: float) -> int:
    made, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        attempt = stage.client.connect(door.getsockname()[:2])
        if attempt.ok:
            made += 1
            stage.wind_up(attempt.socket, stage.take(door))
        else:
            attempt.socket.close()
            time.sleep(0.002)
    return made


def never_for_incoming(stage: Stage) -> Seen:
    """A server that closes first keeps its TIME_WAIT sockets with 1 as with 0."""
    stage.server.set({_REUSE: 1})
    door, count = stage.server.listen(), stage.server.count()
    stage.leave(door, (0,) * 20, by_server=True)
    time.sleep(1.2)
    stage.leave(door, (0,) * 20, by_server=True)
    left = stage.server.states(80)["TIME_WAIT"]
    return Seen(
        left == 40 and count["TWRecycled"] == 0,
        f"the server closed 40 connections first: {left} in TIME_WAIT, TWRecycled {count['TWRecycled']}",
    )


def thins_nothing(stage: Stage) -> Seen:
    """TIME_WAIT sockets stay when it is switched on."""
    stage.leave(stage.server.listen(), (0,) * 20)
    before = stage.client.states(80)["TIME_WAIT"]
    stage.client.set({_REUSE: 1})
    time.sleep(1.5)
    after = stage.client.states(80)["TIME_WAIT"]
    return Seen(before == after == 20, f"{before} TIME_WAIT before, {after} 1.5 s after tcp_tw_reuse = 1")


def bound_port_takes_over(stage: Stage) -> Seen:
    """connect() from a bound port, at once, with tcp_tw_reuse 0."""
    stage.client.set({_REUSE: 0})
    door = stage.server.listen()
    reuse = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opener, accepted = stage.open(door, port=40_000, options=[reuse])
    stage.wind_up(opener, accepted)
    waiting = stage.client.states(40_000)["TIME_WAIT"]
    again = stage.client.connect(door.getsockname()[:2], source=(stage.client.address, 40_000), options=[reuse])
    return Seen(
        waiting == 1 and again.ok,
        f"{waiting} TIME_WAIT on port 40000; connect() from it with tcp_tw_reuse 0: {again.result}",
    )


def bound_port_needs_timestamps(stage: Stage) -> Seen:
    """The same without timestamps is refused."""
    stage.client.set({_REUSE: 1, _STAMPS: 0})
    door = stage.server.listen()
    reuse = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stage.wind_up(*stage.open(door, port=40_000, options=[reuse]))
    again = stage.client.connect(door.getsockname()[:2], source=(stage.client.address, 40_000), options=[reuse])
    return Seen(again.result == "EADDRNOTAVAIL", f"connect() from the port in TIME_WAIT, no timestamps: {again.result}")


def spares_bound_ports(stage: Stage) -> Seen:
    """An automatic connect() takes no TIME_WAIT over whose port came from bind()."""
    stage.client.set({_RANGE: "40000 40000", _REUSE: 1})
    door = stage.server.listen()
    stage.wind_up(*stage.open(door, port=40_000))
    time.sleep(1.2)
    seen = _again(stage.client, door)
    return Seen(seen.is_refusal, f"the range's one port in TIME_WAIT after bind() and connect(); 1.2 s later: {seen}")


def spares_fin_wait2(stage: Stage) -> Seen:
    """A port whose connection waits for the peer's FIN is not taken over."""
    stage.client.set({_RANGE: "40000 40000", _REUSE: 1})
    door = stage.server.listen()
    opener, accepted = stage.open(door)
    opener.close()
    accepted.recv(1)
    time.sleep(1.2)
    states = stage.client.states(80)
    seen = _again(stage.client, door)
    return Seen(
        states["FIN_WAIT2"] == 1 and seen.is_refusal, f"{states['FIN_WAIT2']} orphan in FIN_WAIT2; 1.2 s later: {seen}"
    )


def refuses_three(stage: Stage) -> Seen:
    """0, 1 and 2 are taken, 3 is not."""
    answers = [stage.client.write(_REUSE, value) for value in (0, 1, 2, 3)]
    return Seen(answers == ["ok", "ok", "ok", "EINVAL"], f"0, 1, 2, 3: {', '.join(answers)}")


def recycle_is_gone(stage: Stage) -> Seen:
    """The file does not exist."""
    answer = stage.server.write(_RECYCLE, 1)
    return Seen(not stage.server.has(_RECYCLE) and answer in {"ENOENT", "EACCES"}, f"writing it: {answer}")


def recycle_left_nothing(stage: Stage) -> Seen:
    """The counter of the SYNs that it dropped is gone too."""
    with stage.server.inside():
        names = {name for table in read_counters().values() for name in table}
    found = "among" if "PAWSPassive" in names else "not among"
    return Seen("PAWSPassive" not in names, f"{len(names)} counters, PAWSPassive {found} them")


def older_clocks_connect(stage: Stage) -> Seen:
    """Two clients behind one address, the second with an older clock, just after the first one's connection."""
    stage.server.listen()
    puppet = stage.puppet()
    puppet.connect(1001, stamp=1_000_000)
    puppet.syn(1002, stamp=10)
    answer = puppet.answer(1002, 1.0)
    return Seen(
        answer is not None, f"SYN with an older clock than its address just had: {'answered' if answer else 'dropped'}"
    )


def default_is_loopback(stage: Stage) -> Seen:
    """A new namespace has 2."""
    value = stage.server.get(_REUSE)
    return Seen(value == "2", f"tcp_tw_reuse of a new namespace: {value}")


REUSE = (
    Claim(
        "tw-reuse-lets-connect-take-over",
        "With tcp_tw_reuse = 1 connect() takes over a port in TIME_WAIT; with 0 it finds none.",
        f"{_UNIQUE}, net/ipv4/inet_hashtables.c __inet_check_established()",
        (_REUSE,),
        takes_over,
        3,
    ),
    Claim(
        "tw-reuse-needs-timestamps-at-both-ends",
        "tcp_tw_reuse takes nothing over unless both ends use timestamps.",
        f"{_UNIQUE}; RFC 6191",
        (_REUSE, _STAMPS),
        needs_timestamps,
        4,
    ),
    Claim(
        "tw-reuse-waits-one-second",
        "tcp_tw_reuse takes over a TIME_WAIT only once it is a second old.",
        _UNIQUE,
        (_REUSE, _DELAY),
        waits_one_second,
        1.5,
    ),
    Claim(
        "tw-reuse-two-is-loopback-alone",
        "tcp_tw_reuse = 2 works on loopback and nowhere else.",
        f"{_UNIQUE}; commit 79e9fed46038",
        (_REUSE,),
        loopback_alone,
        3,
    ),
    Claim(
        "tw-reuse-two-spares-the-own-address",
        "To tcp_tw_reuse = 2 a host's connection to its own address is no loopback, but for 127.0.0.0/8 and ::1.",
        f"{_UNIQUE}; commit 79e9fed46038",
        (_REUSE,),
        own_address_is_no_loopback,
        1.5,
    ),
    Claim(
        "tw-reuse-delay-moves-the-second",
        "tcp_tw_reuse_delay is how old a TIME_WAIT must be before tcp_tw_reuse takes it over.",
        _UNIQUE,
        (_DELAY, _REUSE),
        delay_moves_it,
    ),
    Claim(
        "tw-reuse-delay-has-bounds",
        "tcp_tw_reuse_delay is 1 to 60000 milliseconds.",
        "net/ipv4/sysctl_net_ipv4.c ipv4_net_table",
        (_DELAY,),
        delay_range,
    ),
    Claim(
        "tw-reuse-rate-is-ports-by-delay",
        "With tcp_tw_reuse = 1 connections a second to one destination are the number of ports divided by the delay.",
        _UNIQUE,
        (_REUSE, _DELAY, _RANGE),
        rate,
        6.5,
    ),
    Claim(
        "tw-reuse-never-for-incoming",
        "tcp_tw_reuse does nothing for a server that closes first: its TIME_WAIT sockets stay, and none is reused.",
        f"{_UNIQUE}, which no passive open calls",
        (_REUSE,),
        never_for_incoming,
        1.5,
    ),
    Claim(
        "tw-reuse-does-not-thin-time-wait",
        "Switching tcp_tw_reuse on removes no TIME_WAIT socket.",
        _UNIQUE,
        (_REUSE,),
        thins_nothing,
        2,
    ),
    Claim(
        "bound-port-takes-over-whatever-tw-reuse-says",
        "connect() from an explicitly bound port takes over its TIME_WAIT at once, even with tcp_tw_reuse = 0.",
        f"{_UNIQUE}, the branch without twp",
        (_REUSE,),
        bound_port_takes_over,
    ),
    Claim(
        "bound-port-needs-timestamps-too",
        "Without timestamps connect() from a bound port in TIME_WAIT fails, even with tcp_tw_reuse = 1.",
        _UNIQUE,
        (_REUSE, _STAMPS),
        bound_port_needs_timestamps,
    ),
    Claim(
        "tw-reuse-spares-bound-ports",
        "tcp_tw_reuse takes over no port that an explicit bind() had taken.",
        "net/ipv4/inet_hashtables.c __inet_hash_connect(): buckets with fastreuse >= 0",
        (_REUSE, _RANGE),
        spares_bound_ports,
        1.5,
    ),
    Claim(
        "tw-reuse-spares-fin-wait2",
        "tcp_tw_reuse does not take over an orphan in FIN_WAIT2, though it is kept as the same small socket.",
        f"{_UNIQUE}: tw_substate, since Linux 6.11",
        (_REUSE, "net.ipv4.tcp_fin_timeout"),
        spares_fin_wait2,
        1.5,
    ),
    Claim(
        "tw-reuse-has-three-values",
        "tcp_tw_reuse is 0, 1 or 2.",
        "net/ipv4/sysctl_net_ipv4.c ipv4_net_table; commit 79e9fed46038",
        (_REUSE,),
        refuses_three,
    ),
    Claim(
        "tw-reuse-is-on-for-loopback-by-default",
        "A namespace begins with tcp_tw_reuse = 2.",
        "net/ipv4/tcp_ipv4.c tcp_sk_init(); commit 79e9fed46038",
        (_REUSE,),
        default_is_loopback,
    ),
    Claim(
        "tw-recycle-is-gone",
        "tcp_tw_recycle does not exist: writing it fails with ENOENT.",
        "commit 4396e46187ca",
        (_RECYCLE,),
        recycle_is_gone,
    ),
    Claim(
        "tw-recycle-left-no-counter",
        "PAWSPassive, which counted the SYNs that tcp_tw_recycle dropped, went with it.",
        "commit 4396e46187ca; net/ipv4/proc.c snmp4_net_list",
        (_RECYCLE,),
        recycle_left_nothing,
    ),
    Claim(
        "tw-recycle-no-longer-drops-older-clocks",
        "Clients behind one NAT address connect whatever their clocks: nothing compares timestamps by host any more.",
        "commit 4396e46187ca; net/ipv4/tcp_input.c tcp_conn_request()",
        (_RECYCLE, _STAMPS),
        older_clocks_connect,
    ),
)
