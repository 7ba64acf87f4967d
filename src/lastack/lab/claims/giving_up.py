"""Claims about how long an answer is waited for."""

import socket
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from lastack.lab.claims.claim import Claim, Seen
from lastack.lab.claims.end import Option
from lastack.lab.claims.segment import SYN
from lastack.lab.claims.silence import silence
from lastack.lab.claims.stage import Stage

__all__ = ["GIVING_UP"]

_SYN_RETRIES, _LINEAR = "net.ipv4.tcp_syn_retries", "net.ipv4.tcp_syn_linear_timeouts"
_RETRIES1, _RETRIES2, _RTO_MAX = "net.ipv4.tcp_retries1", "net.ipv4.tcp_retries2", "net.ipv4.tcp_rto_max_ms"
_WRITE = "net/ipv4/tcp_timer.c tcp_write_timeout()"
_TIMED_OUT = "net/ipv4/tcp_timer.c retransmits_timed_out()"
_USER_TIMEOUT = 18  # TCP_USER_TIMEOUT, include/uapi/linux/tcp.h


class _Unanswered(NamedTuple):
    """A connect() to nobody: how it ended, after how many seconds and SYNs."""

    result: str
    seconds: float
    syns: int

    def __str__(self) -> str:
        return f"{self.result} after {self.seconds:.1f} s and {self.syns} SYNs"


def _unanswered(stage: Stage, options: Sequence[Option] = ()) -> _Unanswered:
    tap = stage.tap()
    stage.client.cut(stage.server.address)
    attempt = stage.client.connect((stage.server.address, 80), patience_s=20, options=options)
    syns = tap.seen(lambda one: one.flags & SYN and one.source[0] == stage.client.address)
    return _Unanswered(attempt.result, attempt.seconds, len(syns))


def _no_linear(stage: Stage) -> None:
    if stage.client.has(_LINEAR):
        stage.client.set({_LINEAR: 0})


def syn_time(stage: Stage) -> Seen:
    """1 lasts 3 s, 2 lasts 7."""
    _no_linear(stage)
    seen = {}
    for value in (1, 2):
        stage.client.set({_SYN_RETRIES: value})
        seen[value] = _unanswered(stage)
    one, two = seen.values()
    return Seen(
        one.result == two.result == "ETIMEDOUT"
        and (one.syns, two.syns) == (2, 3)
        and 2.8 <= one.seconds < 5
        and 6.8 <= two.seconds < 10,
        f"1: {one}; 2: {two}",
    )


def linear_adds_none(stage: Stage) -> Seen:
    """Four linear timeouts: more SYNs, the same time."""
    seen = {}
    for value in (0, 4):
        stage.client.set({_SYN_RETRIES: 1, _LINEAR: value})
        seen[value] = _unanswered(stage)
    none, four = seen.values()
    return Seen(
        (none.syns, four.syns) == (2, 3) and none.seconds < 4.5 and four.seconds < 4.5,
        f"tcp_syn_retries 1: {none} with 0, {four} with 4",
    )


def syncnt_wins(stage: Stage) -> Seen:
    """TCP_SYNCNT 1 under a setting of 6."""
    _no_linear(stage)
    stage.client.set({_SYN_RETRIES: 6})
    seen = _unanswered(stage, [(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)])
    return Seen(seen.result == "ETIMEDOUT" and seen.seconds < 6 and seen.syns == 2, f"TCP_SYNCNT 1 under 6: {seen}")


def syn_user_timeout(stage: Stage) -> Seen:
    """TCP_USER_TIMEOUT bounds connect() too."""
    stage.client.set({_SYN_RETRIES: 6})
    seen = _unanswered(stage, [(socket.IPPROTO_TCP, _USER_TIMEOUT, 2500)])
    return Seen(seen.result == "ETIMEDOUT" and 2.3 <= seen.seconds < 6, f"TCP_USER_TIMEOUT 2500 under 6: {seen}")


def syn_bounds(stage: Stage) -> Seen:
    """1 to 127."""
    answers = {value: stage.client.write(_SYN_RETRIES, value) for value in (0, 1, 127, 128)}
    return Seen(
        list(answers.values()) == ["EINVAL", "ok", "ok", "EINVAL"],
        ", ".join(f"{value}: {answer}" for value, answer in answers.items()),
    )


def refused_at_once(stage: Stage) -> Seen:
    """A closed port answers with RST, and no setting delays that."""
    attempt = stage.client.connect((stage.server.address, 9))
    return Seen(
        attempt.result == "ECONNREFUSED" and attempt.seconds < 0.9,
        f"connect() to a closed port: {attempt.result} after {attempt.seconds * 1000:.0f} ms",
    )


def retries2_time(stage: Stage) -> Seen:
    """1 and 3: the model's 0.6 and 3 s, and the timeout after it."""
    seen = {}
    for value in (1, 3):
        stage.server.set({_RETRIES2: value})
        connection = silence(stage)
        connection.socket.send(b"x")
        seen[value] = connection.dies(14)
        stage.server.close_kept(80)
    (error_one, one), (error_three, three) = seen.values()
    return Seen(
        error_one == error_three == "ETIMEDOUT"
        and one is not None
        and three is not None
        and 0.55 <= one < 3 <= three < 10,
        ", ".join(f"{value}: {error} after {took or 14:.1f} s" for value, (error, took) in seen.items()),
    )


def retries2_spares_idle(stage: Stage) -> Seen:
    """An idle connection to a peer that vanished stays."""
    stage.server.set({_RETRIES2: 1})
    error, _ = silence(stage).dies(4)
    return Seen(error == "open", f"tcp_retries2 1, idle, peer gone: {error} after 4 s")


def retries1_gives_up_nothing(stage: Stage) -> Seen:
    """With retries1 = 1 and retries2 = 8 it is there after 4 s."""
    stage.server.set({_RETRIES1: 1, _RETRIES2: 8})
    connection = silence(stage)
    connection.socket.send(b"x")
    error, _ = connection.dies(4)
    repeated = connection.counters["RetransSegs"]
    return Seen(error == "open" and repeated >= 2, f"tcp_retries1 1: {error} after 4 s and {repeated} retransmissions")


def user_timeout_ends_data(stage: Stage) -> Seen:
    """TCP_USER_TIMEOUT 2000 under the default of fifteen."""
    connection = silence(stage, [(socket.IPPROTO_TCP, _USER_TIMEOUT, 2000)])
    connection.socket.send(b"x")
    error, took = connection.dies(8)
    return Seen(
        error == "ETIMEDOUT" and took is not None and 1.9 <= took < 5,
        f"TCP_USER_TIMEOUT 2000, data unacknowledged: {error} after {took or 8:.1f} s",
    )


def rto_max_caps(stage: Stage) -> Seen:
    """With 1000 no two retransmissions are much more than a second apart."""
    widest = {}
    for limit in (120_000, 1000):
        stage.server.set({_RTO_MAX: limit})
        connection = silence(stage)
        connection.socket.send(b"x")
        time.sleep(6)
        moments = [one.at for one in connection.puppet.tap.seen(lambda one: one.payload)]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        widest[limit] = max(gaps, default=0.0)
        connection.socket.close()
        stage.server.close_kept(80)
    slow, quick = widest.values()
    return Seen(
        slow > 1.4 and 0 < quick < 1.35,
        f"longest wait in 6 s: {slow:.1f} s with 120000, {quick:.1f} s with 1000",
    )


GIVING_UP = (
    Claim(
        "syn-retries-time",
        "With tcp_syn_retries = N an unanswered connect() fails after 2^(N+1) - 1 seconds, with ETIMEDOUT.",
        f"{_WRITE}; RFC 6298 section 2",
        (_SYN_RETRIES,),
        syn_time,
        10.5,
    ),
    Claim(
        "syn-linear-timeouts-add-no-time",
        "tcp_syn_linear_timeouts adds SYNs and no time: with tcp_syn_retries = 1 connect() still fails after 3 s.",
        _WRITE,
        (_LINEAR, _SYN_RETRIES),
        linear_adds_none,
        6.5,
    ),
    Claim(
        "syn-retries-yield-to-syncnt",
        "TCP_SYNCNT of a socket goes before tcp_syn_retries.",
        f"{_WRITE}; tcp(7)",
        (_SYN_RETRIES,),
        syncnt_wins,
        3.5,
    ),
    Claim(
        "syn-retries-yield-to-user-timeout",
        "TCP_USER_TIMEOUT bounds connect() whatever tcp_syn_retries says.",
        f"{_TIMED_OUT}; tcp(7)",
        (_SYN_RETRIES,),
        syn_user_timeout,
        3,
    ),
    Claim(
        "syn-retries-have-bounds",
        "tcp_syn_retries is 1 to 127.",
        "net/ipv4/sysctl_net_ipv4.c ipv4_net_table",
        (_SYN_RETRIES,),
        syn_bounds,
    ),
    Claim(
        "refused-ports-answer-at-once",
        "connect() to a port that nobody listens on fails at once, with ECONNREFUSED: no retries.",
        "RFC 9293 section 3.10.7.1",
        (_SYN_RETRIES,),
        refused_at_once,
    ),
    Claim(
        "retries2-time",
        "tcp_retries2 stands for the time of so many retransmissions, doubling from 200 ms; it ends at the next.",
        f"{_TIMED_OUT}; RFC 1122 section 4.2.3.5",
        (_RETRIES2,),
        retries2_time,
        9,
    ),
    Claim(
        "retries2-spares-idle-connections",
        "tcp_retries2 does nothing to an idle connection whose peer is gone.",
        f"{_WRITE}; RFC 9293 section 3.8.4",
        (_RETRIES2,),
        retries2_spares_idle,
        4,
    ),
    Claim(
        "retries1-gives-nothing-up",
        "tcp_retries1 ends no connection: beyond it the route is looked at again.",
        f"{_WRITE}; RFC 1122 section 4.2.3.5",
        (_RETRIES1, _RETRIES2),
        retries1_gives_up_nothing,
        4,
    ),
    Claim(
        "retries2-yields-to-user-timeout",
        "TCP_USER_TIMEOUT of a socket goes before tcp_retries2.",
        f"{_TIMED_OUT}; tcp(7)",
        (_RETRIES2,),
        user_timeout_ends_data,
        3.5,
    ),
    Claim(
        "rto-max-caps-the-wait",
        "tcp_rto_max_ms caps the wait between two retransmissions.",
        "net/ipv4/tcp_timer.c tcp_retransmit_timer(); since Linux 6.15",
        (_RTO_MAX,),
        rto_max_caps,
        12.5,
    ),
)
