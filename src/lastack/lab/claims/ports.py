"""Claims about local ports: which one connect() and bind() choose, and when there is none left."""

import os
import socket
import struct
from collections.abc import Sequence

from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.end import End, Option
from lastack.lab.claims.stage import Stage

__all__ = ["PORTS"]

_RANGE, _RESERVED = "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"
_TEN = {_RANGE: "40000 40009"}
_NO_PORT: Option = (socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT, since Linux 4.2
_IP_LOCAL_PORT_RANGE = 51  # since Linux 6.3
_ONE_BY_ONE = "net/ipv4/inet_hashtables.c __inet_hash_connect()"


def _connects(end: End, target: tuple[str, int], count: int, options: Sequence[Option] = ()) -> tuple[list[int], str]:
    """Connect up to ``count`` times; the local ports, and how the last attempt ended."""
    ports: list[int] = []
    for _ in range(count):
        attempt = end.connect(target, options=options)
        if not attempt.ok:
            return ports, attempt.result
        ports.append(attempt.socket.getsockname()[1])
    return ports, "ok"


def per_destination(stage: Stage) -> Seen:
    """Ten ports, three destinations, ten connections to each."""
    stage.client.set(_TEN)
    made = [len(_connects(stage.client, stage.server.listen(port).getsockname()[:2], 12)[0]) for port in (81, 82, 83)]
    return Seen(made == [10, 10, 10], f"10 ports gave {made[0]} + {made[1]} + {made[2]} connections to 3 destinations")


def exhausted(stage: Stage) -> Seen:
    """The eleventh connection over ten ports fails, and no counter moves."""
    stage.client.set(_TEN)
    target = stage.server.listen().getsockname()[:2]
    _connects(stage.client, target, 10)
    count = stage.client.count()
    _, result = _connects(stage.client, target, 1)
    moved = [name for name in ("AttemptFails", "ActiveOpens", "OutRsts", "TWRecycled") if count[name]]
    return Seen(
        result == "EADDRNOTAVAIL" and not moved, f"the 11th connect() ends with {result}; counters moved: {moved or 0}"
    )


def limits_no_server(stage: Stage) -> Seen:
    """A server with a range of two ports accepts thirty connections."""
    stage.server.set({_RANGE: "40000 40001"})
    door = stage.server.listen()
    for _ in range(30):
        stage.open(door)
    held = stage.server.states(80)["ESTABLISHED"]
    used = {row.local[1] for row in stage.server.rows() if row.state == "ESTABLISHED"}
    return Seen(held == 30 and used == {80}, f"{held} connections accepted with a range of 2 ports, all on port 80")


def skips_bound(stage: Stage) -> Seen:
    """A port that is bound on loopback alone is not chosen for another address."""
    stage.client.set({_RANGE: "40000 40001"})
    holder = stage.client.fresh()
    holder.bind((stage.client.loopback, 40000))
    ports, result = _connects(stage.client, stage.server.listen().getsockname()[:2], 2)
    return Seen(
        ports == [40001] and result == "EADDRNOTAVAIL",
        f"with 40000 of 40000-40001 bound on loopback, connect() used {ports}, then {result}",
    )


def collides_with_service(stage: Stage) -> Seen:
    """An outgoing connection holds the port of a service that starts later."""
    stage.client.set({_RANGE: "8080 8080", _RESERVED: ""})
    _, result = _connects(stage.client, stage.server.listen().getsockname()[:2], 1)
    try:
        stage.client.listen(8080)
        started = "started"
    except OSError as error:
        started = f"failed: {error.strerror}"
    return Seen(started != "started", f"outgoing connection on port 8080: {result}; the service on it {started}")


def reserved_spares_service(stage: Stage) -> Seen:
    """With the port reserved, the connection goes elsewhere and the service starts."""
    stage.client.set({_RANGE: "8080 8081", _RESERVED: "8080"})
    ports, result = _connects(stage.client, stage.server.listen().getsockname()[:2], 2)
    try:
        stage.client.listen(8080)
        started = True
    except OSError:
        started = False
    return Seen(
        ports == [8081] and started,
        f"with 8080 of 8080-8081 reserved, connect() used {ports}, then {result}; "
        f"bind() to 8080 {'works' if started else 'fails'}",
    )


def first_one_parity(stage: Stage) -> Seen:
    """The first half of the range has the parity of its lower end."""
    stage.client.set(_TEN)
    ports, _ = _connects(stage.client, stage.server.listen().getsockname()[:2], 10)
    odd = [port % 2 for port in ports]
    return Seen(odd == [0] * 5 + [1] * 5, f"ports in order: {' '.join(map(str, ports))}")


def no_port_shares(stage: Stage) -> Seen:
    """bind() to an address, port 0: twenty connections over ten ports with the option, ten without."""
    stage.client.set(_TEN)
    targets = [stage.server.listen(port).getsockname()[:2] for port in (81, 82)]
    with_option = _bound(stage, targets, [_NO_PORT])
    without = _bound(stage, targets, [])
    return Seen(
        with_option == (20, "ok") and without[1] == "EADDRINUSE",
        f"10 ports, 2 destinations, bound source: {with_option[0]} connections with IP_BIND_ADDRESS_NO_PORT, "
        f"{without[0]} without ({without[1]})",
    )


def _bound(stage: Stage, targets: Sequence[tuple[str, int]], options: Sequence[Option]) -> tuple[int, str]:
    attempts = []
    for target in targets:
        for _ in range(10):
            attempt = stage.client.connect(target, source=(stage.client.address, 0), options=options)
            attempts.append(attempt)
    made = sum(attempt.ok for attempt in attempts)
    for attempt in attempts:
        attempt.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        attempt.socket.close()
    return made, attempts[-1].result


def option_narrows_only(stage: Stage) -> Seen:
    """IP_LOCAL_PORT_RANGE inside of the sysctl's range holds, outside it is passed over in silence."""
    stage.client.set(_TEN)
    target = stage.server.listen().getsockname()[:2]
    used = []
    for low, high in ((40004, 40005), (50000, 50010)):
        option = (socket.IPPROTO_IP, _IP_LOCAL_PORT_RANGE, struct.pack("=HH", low, high))
        try:
            ports, result = _connects(stage.client, target, 1, [option])
        except OSError:
            raise NotTestableError("this kernel has no IP_LOCAL_PORT_RANGE (Linux 6.3)") from None
        used.append(ports[0] if ports else result)
    inside = used[0] in {40004, 40005}
    outside = isinstance(used[1], int) and 40000 <= used[1] <= 40009
    return Seen(inside and outside, f"asked for 40004-40005: {used[0]}; asked for 50000-50010: {used[1]}")


def low_end_bounded(stage: Stage) -> Seen:
    """The kernel refuses a lower end below ip_unprivileged_port_start."""
    start = int(stage.client.get("net.ipv4.ip_unprivileged_port_start"))
    below, at = (stage.client.write(_RANGE, f"{low} 65000") for low in (start - 1, start))
    return Seen(
        (below, at) == ("EINVAL", "ok"),
        f"unprivileged ports from {start}: {start - 1} 65000 {below}, {start} 65000 {at}",
    )


def same_parity_logged(stage: Stage) -> Seen:
    """The kernel's log has a new line about parity."""
    if stage.log is None:
        raise NotTestableError("the kernel's log may not be read by this user (kernel.dmesg_restrict)")
    lines = []
    for ends in ("1024 65001", "1024 65000"):
        os.lseek(stage.log, 0, os.SEEK_END)
        stage.client.set({_RANGE: ends})
        lines.append(_lines_about_parity(stage.log))
    return Seen(lines == [0, 1], f"lines in the kernel's log: {lines[0]} for 1024 65001, {lines[1]} for 1024 65000")


def _lines_about_parity(log: int) -> int:
    lines = 0
    while True:
        try:
            lines += b"prefer different parity" in os.read(log, 8192)
        except BlockingIOError:
            return lines


PORTS = (
    Claim(
        "port-range-is-per-destination",
        "Each destination (local address, remote address, remote port) has the whole range of local ports.",
        _ONE_BY_ONE,
        (_RANGE,),
        per_destination,
    ),
    Claim(
        "port-range-exhaustion-has-no-counter",
        "A connect() that finds no local port fails with EADDRNOTAVAIL, and no counter tells of it.",
        _ONE_BY_ONE,
        (_RANGE,),
        exhausted,
    ),
    Claim(
        "port-range-limits-no-server",
        "The range does not limit how many connections a server accepts: they all have the listener's port.",
        "net/ipv4/inet_connection_sock.c inet_csk_accept(); RFC 9293 section 3.3.1",
        (_RANGE,),
        limits_no_server,
    ),
    Claim(
        "port-range-skips-bound-ports",
        "connect() chooses no port that a bind() holds, even on another address.",
        f"{_ONE_BY_ONE}: buckets with fastreuse >= 0",
        (_RANGE,),
        skips_bound,
    ),
    Claim(
        "port-range-collides-with-services",
        "A range that takes in a service's port lets an outgoing connection hold it, so that the service cannot start.",
        "net/ipv4/inet_connection_sock.c inet_csk_bind_conflict()",
        (_RANGE, _RESERVED),
        collides_with_service,
    ),
    Claim(
        "reserved-port-explicit-bind-works",
        "A reserved port is never chosen automatically, and an explicit bind() to it works.",
        "net/ipv4/inet_hashtables.c inet_is_local_reserved_port()",
        (_RESERVED, _RANGE),
        reserved_spares_service,
    ),
    Claim(
        "port-range-first-half-has-one-parity",
        "connect() takes the ports of the lower end's parity first, and the others only then.",
        f"{_ONE_BY_ONE}; commit 1580ab63fc9a",
        (_RANGE,),
        first_one_parity,
    ),
    Claim(
        "port-range-same-parity-is-logged",
        "A range whose ends have the same parity, such as 1024 65000, makes the kernel log an error.",
        "net/ipv4/sysctl_net_ipv4.c ipv4_local_port_range(); commit 07f4c90062f8",
        (_RANGE,),
        same_parity_logged,
    ),
    Claim(
        "port-range-starts-above-privileged-ports",
        "The lower end may not be below ip_unprivileged_port_start.",
        "net/ipv4/sysctl_net_ipv4.c ipv4_local_port_range()",
        (_RANGE, "net.ipv4.ip_unprivileged_port_start"),
        low_end_bounded,
    ),
    Claim(
        "bind-no-port-shares-ports-between-destinations",
        "IP_BIND_ADDRESS_NO_PORT lets sockets with a bound source address use each port once for every destination.",
        "net/ipv4/af_inet.c __inet_bind(); commit 90c337da1524",
        (_RANGE, "net.ipv4.ip_autobind_reuse"),
        no_port_shares,
    ),
    Claim(
        "socket-port-range-only-narrows",
        "IP_LOCAL_PORT_RANGE narrows the range for one socket; outside of the setting's range it is silently ignored.",
        "net/ipv4/inet_connection_sock.c inet_sk_get_local_port_range(); commit 91d0b78c5177",
        (_RANGE,),
        option_narrows_only,
    ),
)
