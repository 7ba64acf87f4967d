"""Claims about half-open requests: what bounds them, and what SYN cookies do and do not."""

import time
from typing import NamedTuple

from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.end import Attempt, Count
from lastack.lab.claims.segment import Segment
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.tap import Puppet

__all__ = ["SYN_QUEUE"]

_COOKIES, _SYN_BACKLOG, _SOMAXCONN = "net.ipv4.tcp_syncookies", "net.ipv4.tcp_max_syn_backlog", "net.core.somaxconn"
_STAMPS, _SYNACK_RETRIES = "net.ipv4.tcp_timestamps", "net.ipv4.tcp_synack_retries"
_REQUEST = "net/ipv4/tcp_input.c tcp_conn_request()"
_FULL = "include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full()"
_SYNS = 60
_LIMITS = (10, 11)  # half-open requests that a backlog of 10 bears: until Linux 6.12 the limit was >=, since then >


class _Flood(NamedTuple):
    """What a burst of SYNs whose answers nobody acknowledges left behind.

    Attributes:
        puppet: who sent it.
        counters: the server's counters since before it.
        half_open: requests in SYN_RECV.
        answers: SYN-ACKs sent.
    """

    puppet: Puppet
    counters: Count
    half_open: int
    answers: int


def _flood(stage: Stage, backlog: int = 10, syns: int = _SYNS) -> _Flood:
    stage.server.listen(backlog=backlog)
    puppet, count = stage.puppet(), stage.server.count()
    for port in range(1001, 1001 + syns):
        puppet.syn(port)
    time.sleep(0.25)  # the answers come on the same CPU, within microseconds
    answered = {segment.target[1] for segment in puppet.answers()}
    return _Flood(puppet, count, stage.server.states(80)["SYN_RECV"], len(answered))


def _stranger(stage: Stage, patience_s: float = 4.0) -> Attempt:
    """Somebody honest who wants in."""
    return stage.client.connect((stage.server.address, 80), patience_s=patience_s)


def fallback(stage: Stage) -> Seen:
    """Cookies begin where the queue is full: none for five SYNs, some for sixty."""
    stage.server.set({_COOKIES: 1})
    few = _flood(stage, syns=5)
    before = few.counters["SyncookiesSent"]
    for port in range(2001, 2001 + _SYNS):
        few.puppet.syn(port)
    time.sleep(0.25)
    half_open, sent = stage.server.states(80)["SYN_RECV"], few.counters["SyncookiesSent"]
    return Seen(
        before == 0 and half_open in _LIMITS and sent == _SYNS + 5 - half_open,
        f"backlog 10: 5 SYNs, {before} cookies; 60 more: {half_open} in SYN_RECV, {sent} cookies",
    )


def door_stays_open(stage: Stage) -> Seen:
    """With cookies a stranger connects in the middle of a flood."""
    stage.server.set({_COOKIES: 1})
    flood = _flood(stage)
    stranger = _stranger(stage)
    received = flood.counters["SyncookiesRecv"]
    return Seen(
        flood.answers == _SYNS and stranger.ok and received == 1,
        f"{flood.answers} of {_SYNS} SYNs answered; a stranger: {stranger.result}, SyncookiesRecv {received}",
    )


def locked_out(stage: Stage) -> Seen:
    """Without, the stranger's SYNs are dropped."""
    stage.server.set({_COOKIES: 0, _SYN_BACKLOG: 8192})
    flood = _flood(stage)
    stranger = _stranger(stage)
    dropped = flood.counters["TCPReqQFullDrop"]
    return Seen(
        not stranger.ok and flood.answers in _LIMITS and dropped > _SYNS - flood.answers,
        f"{flood.answers} of {_SYNS} SYNs answered, TCPReqQFullDrop {dropped}; a stranger: {stranger.result}",
    )


def two_is_always(stage: Stage) -> Seen:
    """With 2 there is a cookie for the first SYN, and nothing is remembered."""
    stage.server.set({_COOKIES: 2})
    flood = _flood(stage, backlog=1000, syns=5)
    sent = flood.counters["SyncookiesSent"]
    return Seen(
        (flood.half_open, sent, flood.answers) == (0, 5, 5),
        f"backlog 1000, 5 SYNs: {flood.half_open} in SYN_RECV, {sent} cookies",
    )


def no_longer_accept_queue(stage: Stage) -> Seen:
    """With the accept queue full, cookies on or always, a SYN gets no answer."""
    seen = []
    for port, value in ((81, 1), (82, 2)):
        stage.server.set({_COOKIES: value})
        target = stage.server.listen(port, 2).getsockname()[:2]
        for _ in range(3):
            stage.client.connect(target)
        count = stage.server.count()
        refused = stage.client.connect(target, patience_s=1.5)
        seen.append((refused.result, count["SyncookiesSent"], count["ListenOverflows"] > 0))
    return Seen(
        seen == [("no answer", 0, True)] * 2,
        "accept queue full: "
        + "; ".join(
            f"with {value} {result}, {sent} cookies" for value, (result, sent, _) in zip((1, 2), seen, strict=True)
        ),
    )


def options_need_stamps(stage: Stage) -> Seen:
    """The SYN-ACK of a cookie keeps the options for clients with timestamps alone."""
    stage.server.set({_COOKIES: 2})
    stage.server.listen()
    puppet = stage.puppet()
    puppet.syn(1001, stamp=1)
    puppet.syn(1002, stamp=None)
    with_stamps, without = (puppet.answer(port) for port in (1001, 1002))
    if with_stamps is None or without is None:
        raise NotTestableError("a SYN was not answered")
    kept, lost = _options(with_stamps), _options(without)
    return Seen(
        {"scale", "sack"} <= set(kept) and not {"scale", "sack"} & set(lost),
        f"SYN-ACK of a cookie: {', '.join(kept)} for a SYN with timestamps; {', '.join(lost)} for one without",
    )


def _options(segment: Segment) -> list[str]:
    there = {
        "mss": segment.mss,
        "sack": segment.sack or None,
        "timestamps": segment.timestamps,
        "scale": segment.scale,
    }
    return [name for name, value in there.items() if value is not None]


def not_repeated(stage: Stage) -> Seen:
    """An unanswered SYN-ACK comes again; a cookie does not."""
    stage.server.listen()
    seen = []
    for port, value in ((1001, 1), (1002, 2)):
        stage.server.set({_COOKIES: value})
        puppet = stage.puppet()
        puppet.syn(port)
        time.sleep(2.0)
        seen.append(len(puppet.answers(port)))
    return Seen(seen[0] > 1 and seen[1] == 1, f"SYN-ACKs in 2 s: {seen[0]} of a request, {seen[1]} of a cookie")


def on_by_default(stage: Stage) -> Seen:
    """A new namespace has 1."""
    value = stage.server.get(_COOKIES)
    return Seen(value == "1", f"tcp_syncookies of a new namespace: {value}")


def idle_under_cookies(stage: Stage) -> Seen:
    """Sixty half-open requests with a limit of eight."""
    stage.server.set({_COOKIES: 1, _SYN_BACKLOG: 8})
    flood = _flood(stage, backlog=1000)
    drops = flood.counters["ListenDrops"]
    return Seen(
        flood.half_open == _SYNS and drops == 0,
        f"tcp_max_syn_backlog 8, backlog 1000: {flood.half_open} of {_SYNS} in SYN_RECV, ListenDrops {drops}",
    )


def lengthens_nothing(stage: Stage) -> Seen:
    """8192 does not help a listener with a backlog of ten."""
    stage.server.set({_COOKIES: 0, _SYN_BACKLOG: 8192})
    flood = _flood(stage)
    return Seen(
        flood.half_open in _LIMITS,
        f"tcp_max_syn_backlog 8192, backlog 10: {flood.half_open} of {_SYNS} in SYN_RECV",
    )


def backlog_bounds(stage: Stage) -> Seen:
    """The number of half-open requests follows listen()'s number."""
    stage.server.set({_COOKIES: 1})
    seen = {}
    for at, backlog in enumerate((5, 20)):
        stage.server.listen(81 + at, backlog)
        puppet = stage.puppet()
        for port in range(1001, 1001 + _SYNS):
            puppet.syn(port, 81 + at)
        time.sleep(0.25)
        seen[backlog] = stage.server.states(81 + at)["SYN_RECV"]
    return Seen(
        all(count in {backlog, backlog + 1} for backlog, count in seen.items()),
        ", ".join(f"backlog {backlog}: {count} in SYN_RECV" for backlog, count in seen.items()),
    )


def somaxconn_bounds(stage: Stage) -> Seen:
    """listen(1000) under a somaxconn of ten."""
    stage.server.set({_COOKIES: 1, _SOMAXCONN: 10})
    flood = _flood(stage, backlog=1000)
    return Seen(flood.half_open in _LIMITS, f"somaxconn 10, listen(1000): {flood.half_open} of {_SYNS} in SYN_RECV")


def three_quarters(stage: Stage) -> Seen:
    """With cookies off, strangers get in up to three quarters of it."""
    seen = {}
    for at, limit in enumerate((8, 16, 64)):
        stage.server.set({_COOKIES: 0, _SYN_BACKLOG: limit})
        stage.server.listen(81 + at, 1000)
        puppet = stage.puppet()
        for port in range(1001, 1101):
            puppet.syn(port, 81 + at)
        time.sleep(0.25)
        seen[limit] = stage.server.states(81 + at)["SYN_RECV"]
    return Seen(
        all(count == limit - limit // 4 + 1 for limit, count in seen.items()),
        ", ".join(f"{limit}: {count} in SYN_RECV" for limit, count in seen.items()),
    )


def drops_look_like_any(stage: Stage) -> Seen:
    """They count in ListenDrops and nowhere else."""
    stage.server.set({_COOKIES: 0, _SYN_BACKLOG: 8})
    flood = _flood(stage, backlog=1000)
    drops, full = flood.counters["ListenDrops"], flood.counters["TCPReqQFullDrop"]
    return Seen(
        drops == _SYNS - flood.half_open > 0 and full == 0,
        f"{_SYNS - flood.half_open} SYNs dropped: ListenDrops {drops}, TCPReqQFullDrop {full}",
    )


def forged_requests_expire(stage: Stage) -> Seen:
    """With no repetition a request is gone after a second, with one after three."""
    stage.server.listen()
    seen = []
    for port, retries in ((1001, 0), (1002, 1)):
        stage.server.set({_SYNACK_RETRIES: retries})
        puppet = stage.puppet()
        puppet.syn(port)
        stage.server.reaches(port, "SYN_RECV", 1)
        seen.append(stage.server.leaves(port, "SYN_RECV", 8))
    none, one = seen
    return Seen(
        none is not None and one is not None and 0.7 <= none < 2.2 <= one < 6,
        f"gone after {_seconds(none)} with 0, {_seconds(one)} with 1",
    )


def _seconds(took: float | None) -> str:
    return "more than 8 s" if took is None else f"{took:.1f} s"


SYN_QUEUE = (
    Claim(
        "syncookies-are-a-fallback",
        "With tcp_syncookies = 1 cookies begin only when more requests are open than the listener's backlog.",
        f"{_REQUEST}, {_FULL}",
        (_COOKIES,),
        fallback,
        1,
    ),
    Claim(
        "syncookies-keep-the-door-open",
        "With tcp_syncookies = 1 a client connects in the middle of a flood of SYNs.",
        f"{_REQUEST}; RFC 4987 section 3.6",
        (_COOKIES,),
        door_stays_open,
        1,
    ),
    Claim(
        "syncookies-off-locks-out-under-flood",
        "With tcp_syncookies = 0 a few SYNs that nobody completes lock every other client out.",
        f"{_REQUEST}; RFC 4987 section 3.6",
        (_COOKIES,),
        locked_out,
        4.5,
    ),
    Claim(
        "syncookies-two-is-always",
        "tcp_syncookies = 2 answers every SYN with a cookie and remembers none.",
        _REQUEST,
        (_COOKIES,),
        two_is_always,
    ),
    Claim(
        "syncookies-do-not-lengthen-the-accept-queue",
        "SYN cookies do not help an application that does not accept: a full accept queue drops the SYN all the same.",
        f"{_REQUEST}: sk_acceptq_is_full() after the cookie's turn",
        (_COOKIES, _SOMAXCONN),
        no_longer_accept_queue,
        3.5,
    ),
    Claim(
        "syncookies-options-need-timestamps",
        "A connection made from a SYN cookie has window scaling and SACK only if the client sends timestamps.",
        "net/ipv4/syncookies.c cookie_init_timestamp(), cookie_timestamp_decode()",
        (_COOKIES, _STAMPS),
        options_need_stamps,
    ),
    Claim(
        "syncookies-are-not-repeated",
        "The SYN-ACK of a cookie is sent once; that of a request is sent again until it is answered.",
        f"{_REQUEST}: no timer where want_cookie",
        (_COOKIES,),
        not_repeated,
        4.5,
    ),
    Claim(
        "syncookies-are-on-by-default",
        "A namespace begins with tcp_syncookies = 1: writing 1 changes nothing.",
        "net/ipv4/tcp_ipv4.c tcp_sk_init()",
        (_COOKIES,),
        on_by_default,
    ),
    Claim(
        "syn-queue-is-bounded-by-the-backlog",
        "How many half-open requests a listener keeps is the number given to listen().",
        f"{_FULL}; since Linux 4.4",
        (_SYN_BACKLOG, _SOMAXCONN),
        backlog_bounds,
        1,
    ),
    Claim(
        "somaxconn-bounds-the-syn-queue",
        "net.core.somaxconn caps half-open requests too.",
        f"net/socket.c __sys_listen(), {_FULL}",
        (_SOMAXCONN,),
        somaxconn_bounds,
    ),
    Claim(
        "max-syn-backlog-idle-under-cookies",
        "tcp_max_syn_backlog does nothing while tcp_syncookies is not 0.",
        _REQUEST,
        (_SYN_BACKLOG, _COOKIES),
        idle_under_cookies,
    ),
    Claim(
        "max-syn-backlog-lengthens-no-queue",
        "Raising tcp_max_syn_backlog to 8192 does not lengthen the queue of a listener whose backlog is short.",
        f"{_REQUEST}, {_FULL}",
        (_SYN_BACKLOG, _COOKIES),
        lengthens_nothing,
    ),
    Claim(
        "max-syn-backlog-three-quarters-without-cookies",
        "With tcp_syncookies = 0 SYNs of unknown clients are dropped beyond three quarters of tcp_max_syn_backlog.",
        f"{_REQUEST}: max_syn_backlog >> 2, tcp_peer_is_proven()",
        (_SYN_BACKLOG, _COOKIES),
        three_quarters,
        1,
    ),
    Claim(
        "max-syn-backlog-drops-look-like-any",
        "SYNs that tcp_max_syn_backlog refuses count in ListenDrops alone, not in TCPReqQFullDrop.",
        _REQUEST,
        (_SYN_BACKLOG, _COOKIES),
        drops_look_like_any,
    ),
    Claim(
        "synack-retries-time",
        "With tcp_synack_retries = N a half-open request lasts 2^(N+1) - 1 seconds.",
        "net/ipv4/inet_connection_sock.c reqsk_timer_handler(); RFC 6298 section 2",
        (_SYNACK_RETRIES,),
        forged_requests_expire,
        5,
    ),
)
