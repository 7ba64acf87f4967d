"""Claims about keepalive: who is probed, when, and what follows. The peer is a puppet, which answers nothing."""

import socket
import time

from lastack.lab.claims.claim import Claim, Seen
from lastack.lab.claims.end import Option
from lastack.lab.claims.silence import Silence, silence
from lastack.lab.claims.stage import Stage

__all__ = ["KEEPALIVE"]

_TIME, _INTERVAL, _PROBES = (f"net.ipv4.tcp_keepalive_{name}" for name in ("time", "intvl", "probes"))
_TIMER = "net/ipv4/tcp_timer.c tcp_keepalive_timer()"
_ALIVE: Option = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
_USER_TIMEOUT = 18  # TCP_USER_TIMEOUT, include/uapi/linux/tcp.h


def _settings(time_s: int, interval_s: int = 75, probes: int = 9) -> dict[str, int]:
    return {_TIME: time_s, _INTERVAL: interval_s, _PROBES: probes}


def _after(took: float | None) -> str:
    return "" if took is None else f" after {took:.1f} s"


def detection_time(stage: Stage) -> Seen:
    """2 s, then three probes a second apart."""
    stage.server.set(_settings(2, 1, 3))
    silent = silence(stage, [_ALIVE])
    error, took = silent.dies(9)
    return Seen(
        error == "ETIMEDOUT" and took is not None and 4.9 <= took < 7.5 and silent.probes == 3,
        f"time 2, intvl 1, probes 3: {error}{_after(took)}, {silent.probes} probes",
    )


def needs_the_option(stage: Stage) -> Seen:
    """Without SO_KEEPALIVE nothing is sent and nothing ends."""
    stage.server.set(_settings(1, 1, 1))
    silent = silence(stage)
    error, _ = silent.dies(4)
    return Seen(
        error == "open" and silent.counters["TCPKeepAlive"] == 0,
        f"time 1, intvl 1, probes 1, no SO_KEEPALIVE: {error} after 4 s, {silent.counters['TCPKeepAlive']} probes",
    )


def not_the_interval(stage: Stage) -> Seen:
    """A short time alone: one probe, and the next 75 s later."""
    stage.server.set({_TIME: 1})
    silent = silence(stage, [_ALIVE])
    error, _ = silent.dies(4.5)
    return Seen(error == "open" and silent.probes == 1, f"time 1 alone: {silent.probes} probe in 4.5 s, {error}")


def not_rearmed(stage: Stage) -> Seen:
    """A connection keeps the timer that it has, a new one takes the new number."""
    stage.server.set(_settings(7200))
    old = silence(stage, [_ALIVE])
    stage.server.set({_TIME: 30})
    door = stage.server.listen(81)
    puppet = stage.puppet()
    puppet.connect(2001, 81)
    stage.take(door).setsockopt(*_ALIVE)
    left = [
        next(row.expires_ms for row in stage.server.rows(port) if row.state == "ESTABLISHED") for port in (1001, 2001)
    ]
    del old
    return Seen(
        left[0] > 7_000_000 and 0 < left[1] <= 31_000,
        f"lowered from 7200 to 30: {left[0] / 1000:.0f} s left of the old timer, {left[1] / 1000:.0f} s of a new one",
    )


def zero_probes_kill(stage: Stage) -> Seen:
    """With no probe allowed a healthy idle connection ends at the time."""
    stage.server.set(_settings(1, 1, 0))
    accepted = stage.open(stage.server.listen()).accepted
    accepted.setsockopt(*_ALIVE)
    silent = Silence(stage.puppet(), accepted, stage.server.count(), time.monotonic())
    error, took = silent.dies(4)
    sent = silent.counters["TCPKeepAlive"]
    return Seen(
        error == "ETIMEDOUT" and sent == 0, f"time 1, probes 0, peer alive: {error}{_after(took)}, {sent} probes"
    )


def live_peer_stays(stage: Stage) -> Seen:
    """A peer that answers keeps an idle connection open."""
    stage.server.set(_settings(1, 1, 1))
    accepted = stage.open(stage.server.listen()).accepted
    accepted.setsockopt(*_ALIVE)
    silent = Silence(stage.puppet(), accepted, stage.server.count(), time.monotonic())
    error, _ = silent.dies(4.5)
    sent = silent.counters["TCPKeepAlive"]
    return Seen(
        error == "open" and sent >= 2, f"time 1, intvl 1, probes 1, peer alive: {error} after 4.5 s, {sent} probes"
    )


def option_wins(stage: Stage) -> Seen:
    """TCP_KEEPIDLE goes before the setting, both ways."""
    probes = []
    for setting, option in ((7200, 1), (1, 7200)):
        stage.server.set(_settings(setting))
        silent = silence(stage, [_ALIVE, (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, option)])
        silent.dies(2.5)
        probes.append(silent.probes)
        silent.socket.close()
        stage.server.close_kept(80)
    return Seen(
        probes == [1, 0], f"probes in 2.5 s: {probes[0]} with TCP_KEEPIDLE 1 under 7200, {probes[1]} with 7200 under 1"
    )


def user_timeout_decides(stage: Stage) -> Seen:
    """TCP_USER_TIMEOUT ends it at its own time, nine probes allowed or not."""
    stage.server.set(_settings(1, 1, 9))
    silent = silence(stage, [_ALIVE, (socket.IPPROTO_TCP, _USER_TIMEOUT, 3000)])
    error, took = silent.dies(8)
    return Seen(
        error == "ETIMEDOUT" and took is not None and 2.9 <= took < 6,
        f"time 1, intvl 1, probes 9, TCP_USER_TIMEOUT 3000: {error}{_after(took)}, {silent.probes} probes",
    )


def not_while_data_waits(stage: Stage) -> Seen:
    """Data that nobody acknowledges is repeated; nothing is probed."""
    stage.server.set(_settings(1, 1, 1))
    silent = silence(stage, [_ALIVE])
    silent.socket.send(b"hello")
    error, _ = silent.dies(4)
    probes, repeated = silent.counters["TCPKeepAlive"], silent.counters["RetransSegs"]
    return Seen(
        error == "open" and probes == 0 and repeated >= 2,
        f"time 1, probes 1, data unacknowledged: {error} after 4 s, {probes} probes, {repeated} retransmissions",
    )


def off_by_default(stage: Stage) -> Seen:
    """A new socket does not have it."""
    value = stage.server.fresh().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    idle_s = stage.server.get(_TIME)
    return Seen((value, idle_s) == (0, "7200"), f"SO_KEEPALIVE of a new socket: {value}; tcp_keepalive_time: {idle_s}")


KEEPALIVE = (
    Claim(
        "keepalive-detection-time",
        "A vanished peer is found after tcp_keepalive_time + tcp_keepalive_intvl x tcp_keepalive_probes: ETIMEDOUT.",
        f"{_TIMER}; RFC 9293 section 3.8.4",
        (_TIME, _INTERVAL, _PROBES),
        detection_time,
        5.5,
    ),
    Claim(
        "keepalive-needs-so-keepalive",
        "Only sockets with SO_KEEPALIVE are probed; the settings do nothing to all others.",
        "net/core/sock.c sk_setsockopt(): SO_KEEPALIVE; socket(7)",
        (_TIME, _INTERVAL, _PROBES),
        needs_the_option,
        4,
    ),
    Claim(
        "keepalive-is-off-by-default",
        "A socket begins without SO_KEEPALIVE, a namespace with tcp_keepalive_time = 7200.",
        "include/net/tcp.h TCP_KEEPALIVE_TIME; RFC 9293 section 3.8.4",
        (_TIME,),
        off_by_default,
    ),
    Claim(
        "keepalive-time-is-not-the-interval",
        "tcp_keepalive_time is the idle time before the first probe: lowering it does not bring the next ones closer.",
        _TIMER,
        (_TIME, _INTERVAL),
        not_the_interval,
        4.5,
    ),
    Claim(
        "keepalive-timers-are-not-rearmed",
        "Lowering tcp_keepalive_time leaves connections that wait already to their old time.",
        f"{_TIMER}: the timer is read when it is set",
        (_TIME,),
        not_rearmed,
    ),
    Claim(
        "keepalive-zero-probes-kills",
        "tcp_keepalive_probes = 0 ends healthy idle connections at tcp_keepalive_time, without one probe.",
        _TIMER,
        (_PROBES,),
        zero_probes_kill,
        1.5,
    ),
    Claim(
        "keepalive-spares-a-peer-that-answers",
        "Keepalive does not end idle connections: a peer that answers keeps them open for ever.",
        f"{_TIMER}; RFC 9293 section 3.8.4",
        (_TIME, _INTERVAL, _PROBES),
        live_peer_stays,
        4.5,
    ),
    Claim(
        "keepalive-socket-options-win",
        "TCP_KEEPIDLE of a socket goes before tcp_keepalive_time.",
        "include/net/tcp.h keepalive_time_when(); tcp(7)",
        (_TIME,),
        option_wins,
        5,
    ),
    Claim(
        "keepalive-yields-to-user-timeout",
        "Where TCP_USER_TIMEOUT is set, it decides when probes are given up, and not tcp_keepalive_probes.",
        f"{_TIMER}; tcp(7)",
        (_PROBES,),
        user_timeout_decides,
        4.5,
    ),
    Claim(
        "keepalive-waits-for-unacknowledged-data",
        "Nothing is probed while sent data waits for its acknowledgement: retransmission decides then.",
        f"{_TIMER}: tp->packets_out",
        (_TIME, "net.ipv4.tcp_retries2"),
        not_while_data_waits,
        4,
    ),
)
