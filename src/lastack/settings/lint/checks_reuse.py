"""What a line about TIME_WAIT and FIN_WAIT2 does beside the other lines and on the host."""

from lastack.settings.lint.scene import Scene
from lastack.settings.lint.verdict import Judgement, hazard, no_effect, ok
from lastack.settings.release import since

__all__ = ["fin_timeout", "max_tw_buckets", "rfc1337", "tw_recycle", "tw_reuse", "tw_reuse_delay"]

_TIMESTAMPS = "net.ipv4.tcp_timestamps"
_REUSE = "net.ipv4.tcp_tw_reuse"
_DELAY = "net.ipv4.tcp_tw_reuse_delay"
_BUCKETS = "net.ipv4.tcp_max_tw_buckets"
_EHASH = "net.ipv4.tcp_ehash_entries"
# Half of the hash table of a machine with 16 GiB: what is at or below it is judged as lowered where nothing is known.
_SMALL = 65_536


def tw_reuse(text: str, scene: Scene) -> Judgement | None:
    """For who connects, with timestamps."""
    default = "2" if since(scene.release, "4.18") else "0"
    if text == default or text not in {"0", "1", "2"}:
        return None
    if text == "0":
        return ok("it takes away what the default allows, taking over TIME_WAIT on loopback")
    timestamps, origin = scene.origin(_TIMESTAMPS)
    if timestamps == "0":
        return no_effect(f"it needs timestamps, and {_TIMESTAMPS} is 0, {origin}")
    if text == "2":
        return ok("connect() takes over a TIME_WAIT on loopback alone (values above 1 were 1 until Linux 4.17)")
    delay = scene.number(_DELAY) if since(scene.release, "6.14") else None
    after = f"{delay:,} ms" if delay is not None and delay != 1000 else "1 s"
    less = "the default 2 does so on loopback alone" if default == "2" else "the default 0 never does"
    return ok(
        f"connect() may take over the port of a TIME_WAIT towards the same destination after {after}, where both ends "
        f"use timestamps: for the active opener only, so it does nothing for connections that a server accepts ({less})"
    )


def tw_reuse_delay(text: str, scene: Scene) -> Judgement | None:
    """Only looked at under tcp_tw_reuse."""
    number = int(text)
    reuse, origin = scene.origin(_REUSE)
    timestamps, stamped = scene.origin(_TIMESTAMPS)
    if number == 1000:
        return None
    if reuse == "0":
        return no_effect(f"it is not looked at while {_REUSE} is 0, {origin}")
    if timestamps == "0":
        return no_effect(f"{_REUSE} needs timestamps, and {_TIMESTAMPS} is 0, {stamped}")
    if number < 1000:
        return hazard(
            f"a peer whose timestamp clock ticks slower than every {number} ms, and one second is allowed, can no "
            "longer tell old segments from new ones",
            f"{_DELAY} = 1000",
        )
    return ok(f"connect() waits {number:,} ms instead of 1000 before it takes over a TIME_WAIT")


def tw_recycle(text: str, scene: Scene) -> Judgement | None:
    """Only for kernels that still have it."""
    del scene
    if text == "0":
        return None
    return hazard(
        "it drops the SYNs of clients behind NAT, silently and at random, and no server knows who is behind NAT; it "
        "was removed in Linux 4.12",
        "net.ipv4.tcp_tw_recycle = 0",
    )


def max_tw_buckets(text: str, scene: Scene) -> Judgement | None:
    """Lower is a hazard; so are 0 and, before 5.18, anything negative."""
    number = int(text)
    default = _default_buckets(scene)
    if number == default:
        return no_effect(f"{number:,} is the default of this host: half of its connection hash table")
    if number == 0 or (number < 0 and not since(scene.release, "5.18")):
        return hazard(
            "there is no TIME_WAIT at all then: each close of this side forgets the connection at once, and answers "
            "what the peer still sends with RST"
        )
    if number < 0:
        return hazard("less than 0 is no limit at all since Linux 5.18, and none at all before: write a number instead")
    if number < (default or _SMALL + 1):
        return hazard(
            f"{_below(default)}; it evicts nothing: when {number:,} are there, later closes lose their TIME_WAIT and "
            "answer what the peer still sends with RST, silently (TCPTimeWaitOverflow), to save 256 bytes each"
        )
    return ok(
        f"up to {number:,} TIME_WAIT, {_memory(number)} if they come to that; the default, half of the connection hash "
        "table, is seldom too small"
    )


def _below(default: int | None) -> str:
    return (
        "it is below the default of any machine with 16 GiB"
        if default is None
        else (f"it lowers the default of {default:,}")
    )


def _memory(sockets: int) -> str:
    return f"{sockets * 256 / 1e6:,.0f} MB"


def _default_buckets(scene: Scene) -> int | None:
    """Half of the hash table, which the kernel shows since 6.1; negative where a namespace shares it."""
    entries = scene.live_number(_EHASH)
    return abs(entries) // 2 if entries else None


def fin_timeout(text: str, scene: Scene) -> Judgement | None:
    """FIN_WAIT2 of orphans, never TIME_WAIT."""
    del scene
    number = int(text)
    if number == 60:
        return None
    if number <= 0:
        return hazard(
            "0 and less stand for the shortest time there is, three and a half retransmission timeouts: peers that "
            "still send are reset",
            "net.ipv4.tcp_fin_timeout = 60",
        )
    if number > 60:
        return hazard(
            f"above 60 an orphan's FIN_WAIT2 lasts twice what is beyond 60: {number} gives {2 * (number - 60):,} s",
            "net.ipv4.tcp_fin_timeout = 60",
        )
    return ok(
        f"an orphan stays in FIN_WAIT2 for {number} s instead of 60; it has no bearing on TIME_WAIT, nor on a socket "
        "that a process still holds"
    )


def rfc1337(text: str, scene: Scene) -> Judgement | None:
    """A fair trade, to be known."""
    del scene
    if text == "0":
        return None
    return ok(
        "a TIME_WAIT no longer ends by an RST; the price: a client behind NAT whose SYN meets an old TIME_WAIT hangs "
        "where it would have recovered after one RST"
    )
