"""Claims about connection tracking: entries and sockets live by different clocks."""

from lastack.lab.claims.claim import Claim, Seen
from lastack.lab.claims.conntrack import track, tracked
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.wait import seconds_until

__all__ = ["TRACKING"]

_TIME_WAIT = "net.netfilter.nf_conntrack_tcp_timeout_time_wait"
_ESTABLISHED = "net.netfilter.nf_conntrack_tcp_timeout_established"
_MAX = "net.netfilter.nf_conntrack_max"
_TIMEOUTS = "net/netfilter/nf_conntrack_proto_tcp.c tcp_timeouts"


def outlives(stage: Stage) -> Seen:
    """The socket is gone after a minute, the entry is not."""
    track(stage.server)
    door = stage.server.listen()
    stage.leave(door, by_server=True)
    door.close()
    gone = seconds_until(lambda: not stage.server.rows(80), 68)
    entries = tracked(stage.server, 80)
    left = entries[0][1] if entries else 0
    return Seen(
        gone is not None and len(entries) == 1 and 40 <= left <= 62,
        f"TIME_WAIT gone after {gone or 68:.0f} s; entry: "
        + (f"{entries[0][0]}, {left} s left" if entries else "gone"),
    )


def ends_no_socket(stage: Stage) -> Seen:
    """With a time of 1 s the entry goes and the socket stays."""
    track(stage.server)
    stage.server.set({_TIME_WAIT: 1})
    stage.leave(stage.server.listen(), by_server=True)
    gone = seconds_until(lambda: not tracked(stage.server, 80), 6)
    waiting = stage.server.states(80)["TIME_WAIT"]
    return Seen(
        gone is not None and waiting == 1,
        f"timeout 1: entry {'there after 6 s' if gone is None else f'gone after {gone:.1f} s'}, {waiting} TIME_WAIT",
    )


def idle_is_forgotten(stage: Stage) -> Seen:
    """An idle connection's entry goes, and neither end notices."""
    track(stage.server)
    stage.server.set({_ESTABLISHED: 1})
    stage.open(stage.server.listen())
    gone = seconds_until(lambda: not tracked(stage.server, 80), 6)
    states = stage.server.states(80)["ESTABLISHED"], stage.client.states(80)["ESTABLISHED"]
    return Seen(
        gone is not None and states == (1, 1),
        f"timeout 1: entry {'there after 6 s' if gone is None else f'gone after {gone:.1f} s'}; ESTABLISHED at "
        f"server and client: {states[0]}, {states[1]}",
    )


TRACKING = (
    Claim(
        "conntrack-outlives-the-socket",
        "A tracked connection is remembered for 120 s after its close, twice as long as the host's own TIME_WAIT.",
        _TIMEOUTS,
        (_TIME_WAIT, _MAX),
        outlives,
        63,
    ),
    Claim(
        "conntrack-timeout-ends-no-socket",
        "A short nf_conntrack_tcp_timeout_time_wait forgets the entry and leaves the socket in TIME_WAIT.",
        _TIMEOUTS,
        (_TIME_WAIT,),
        ends_no_socket,
        2,
    ),
    Claim(
        "conntrack-forgets-idle-connections",
        "An idle connection whose entry ran out stays ESTABLISHED at both ends: nobody tells them.",
        _TIMEOUTS,
        (_ESTABLISHED, "net.ipv4.tcp_keepalive_time"),
        idle_is_forgotten,
        2,
    ),
)
