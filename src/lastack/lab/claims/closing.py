"""Claims about what becomes of a connection after close() or shutdown()."""

import socket
import struct
import time

from lastack.lab.claims.claim import Claim, Seen
from lastack.lab.claims.end import Option
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.wait import seconds_until, stays

__all__ = ["CLOSING"]

_FIN_TIMEOUT, _ORPHAN_RETRIES = "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_orphan_retries"
_CLOSE = "net/ipv4/tcp.c __tcp_close()"
_FIN_TIME = "include/net/tcp.h tcp_fin_time()"
_ORPHAN = "net/ipv4/tcp_timer.c tcp_orphan_retries()"
_RESET: Option = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
_TCP_LINGER2 = 8  # include/uapi/linux/tcp.h


def _orphan(stage: Stage, port: int = 80, options: tuple[Option, ...] = ()) -> socket.socket:
    """The server closes, the peer does not: an orphan in FIN_WAIT2. The peer's socket."""
    pair = stage.open(stage.server.listen(port))
    for option in options:
        pair.accepted.setsockopt(*option)
    pair.accepted.close()
    stage.server.leaves(port, "FIN_WAIT1", 2)
    return pair.opener


def _lasts(stage: Stage, port: int, patience_s: float) -> float | None:
    return stage.server.leaves(port, "FIN_WAIT2", patience_s)


def _in_words(took: float | None, patience_s: float) -> str:
    return f"more than {patience_s:g} s" if took is None else f"{took:.1f} s"


def bounds_fin_wait2(stage: Stage) -> Seen:
    """3 s for 3, and more than that for 60."""
    stage.server.set({_FIN_TIMEOUT: 60})
    _orphan(stage, 81)
    stage.server.set({_FIN_TIMEOUT: 3})
    _orphan(stage, 82)
    took = _lasts(stage, 82, 8)
    other = stage.server.states(81)["FIN_WAIT2"]
    return Seen(
        took is not None and 2.8 <= took < 5.5 and other == 1,
        f"FIN_WAIT2 with 3: {_in_words(took, 8)}; {other} with 60 is still there",
    )


def above_60(stage: Stage) -> Seen:
    """61 lasts two seconds, 65 ten."""
    seen = {}
    for port, value in ((81, 61), (82, 65)):
        stage.server.set({_FIN_TIMEOUT: value})
        _orphan(stage, port)
        seen[value] = _lasts(stage, port, 16)
    short, long = seen.values()
    return Seen(
        short is not None and long is not None and 1.8 <= short < 5 and 9.5 <= long < 14,
        ", ".join(f"{value}: {_in_words(took, 16)}" for value, took in seen.items()),
    )


def spares_held(stage: Stage) -> Seen:
    """A half-closed socket that is held stays; closed, it goes."""
    stage.server.set({_FIN_TIMEOUT: 1})
    pair = stage.open(stage.server.listen())
    pair.accepted.shutdown(socket.SHUT_WR)
    stage.server.reaches(80, "FIN_WAIT2")
    kept = stays(lambda: stage.server.states(80)["FIN_WAIT2"] == 1, 4)
    pair.accepted.close()
    took = _lasts(stage, 80, 5)
    return Seen(
        kept and took is not None,
        f"1, shut down and held: {'there' if kept else 'gone'} after 4 s; closed: {_in_words(took, 5)} more",
    )


def zero_is_shortest(stage: Stage) -> Seen:
    """0 and -1 are taken, and mean a moment."""
    seen = {}
    for port, value in ((81, 0), (82, -1)):
        stage.server.set({_FIN_TIMEOUT: value})
        _orphan(stage, port)
        seen[value] = _lasts(stage, port, 5)
    return Seen(
        all(took is not None and took < 2.5 for took in seen.values()),
        ", ".join(f"{value}: {_in_words(took, 5)}" for value, took in seen.items()),
    )


def full_minute(stage: Stage) -> Seen:
    """The peer's FIN in time makes a TIME_WAIT of 60 s."""
    stage.server.set({_FIN_TIMEOUT: 10})
    opener = _orphan(stage)
    time.sleep(1)
    opener.close()
    stage.server.reaches(80, "TIME_WAIT", 2)
    left = max((row.expires_ms for row in stage.server.rows(80) if row.state == "TIME_WAIT"), default=0)
    return Seen(left > 55_000, f"tcp_fin_timeout 10, FIN after 1 s: TIME_WAIT with {left / 1000:.1f} s left")


def late_fin_is_reset(stage: Stage) -> Seen:
    """A FIN after the time meets nothing and is answered with RST."""
    stage.server.set({_FIN_TIMEOUT: 1})
    opener, count = _orphan(stage), stage.server.count()
    gone = _lasts(stage, 80, 5)
    opener.close()
    seconds_until(lambda: count["OutRsts"], 2)
    return Seen(gone is not None and count["OutRsts"] == 1, f"FIN after the time: {count['OutRsts']} RST")


def linger2(stage: Stage) -> Seen:
    """TCP_LINGER2 of 2 under a setting of 60."""
    stage.server.set({_FIN_TIMEOUT: 60})
    _orphan(stage, options=((socket.IPPROTO_TCP, _TCP_LINGER2, 2),))
    took = _lasts(stage, 80, 6)
    return Seen(took is not None and 1.5 <= took < 4.5, f"TCP_LINGER2 2 under 60: FIN_WAIT2 for {_in_words(took, 6)}")


def counts_as_tw(stage: Stage) -> Seen:
    """Ten orphans in FIN_WAIT2, and none in TIME_WAIT: tw is ten."""
    for port in range(81, 91):
        _orphan(stage, port)
    states, counted = stage.server.states(), stage.server.sockstat("tw")
    return Seen(
        (states["FIN_WAIT2"], states["TIME_WAIT"], counted) == (10, 0, 10),
        f"{states['FIN_WAIT2']} FIN_WAIT2, {states['TIME_WAIT']} TIME_WAIT: sockstat says tw {counted}",
    )


def linger_zero(stage: Stage) -> Seen:
    """RST, no TIME_WAIT."""
    pair, count = stage.open(stage.server.listen()), stage.server.count()
    pair.accepted.setsockopt(*_RESET)
    pair.accepted.close()
    waiting, resets = stage.server.sockstat("tw"), count["OutRsts"]
    return Seen((waiting, resets) == (0, 1), f"close() with SO_LINGER 1,0: {resets} RST, {waiting} TIME_WAIT")


def unread_data(stage: Stage) -> Seen:
    """close() with a byte unread: RST, TCPAbortOnClose."""
    pair, count = stage.open(stage.server.listen()), stage.server.count()
    pair.opener.send(b"x")
    seconds_until(lambda: any(row.queued for row in stage.server.rows(80) if row.state == "ESTABLISHED"), 2)
    pair.accepted.close()
    waiting, resets, aborts = stage.server.sockstat("tw"), count["OutRsts"], count["TCPAbortOnClose"]
    return Seen(
        (waiting, resets, aborts) == (0, 1, 1),
        f"close() with a byte unread: {resets} RST, TCPAbortOnClose {aborts}, {waiting} TIME_WAIT",
    )


def close_wait_stays(stage: Stage) -> Seen:
    """More than a minute with every time as short as can be."""
    stage.server.set(
        {_FIN_TIMEOUT: 1, _ORPHAN_RETRIES: 1, "net.ipv4.tcp_retries2": 3, "net.ipv4.tcp_keepalive_time": 5}
    )
    pair = stage.open(stage.server.listen())
    pair.opener.close()
    stage.server.reaches(80, "CLOSE_WAIT", 2)
    start = time.monotonic()
    kept = stays(lambda: stage.server.states(80)["CLOSE_WAIT"] == 1, 62)
    return Seen(
        kept, f"CLOSE_WAIT {'there' if kept else 'gone'} after {time.monotonic() - start:.0f} s, every timeout short"
    )


def _cut_off(stage: Stage, port: int) -> None:
    """The server closes and its FIN is lost: an orphan in FIN_WAIT1."""
    pair = stage.open(stage.server.listen(port))
    stage.server.cut(stage.client.address)
    pair.accepted.close()


def orphan_time(stage: Stage) -> Seen:
    """1 gives up sooner than 3."""
    seen = {}
    for port, value in ((81, 1), (82, 3)):
        stage.server.set({_ORPHAN_RETRIES: value})
        _cut_off(stage, port)
        seen[value] = stage.server.leaves(port, "FIN_WAIT1", 15)
        stage.server.mend(stage.client.address)
    one, three = seen.values()
    return Seen(
        one is not None and three is not None and 0.5 <= one < 3 <= three < 10,
        ", ".join(f"{value}: FIN_WAIT1 for {_in_words(took, 15)}" for value, took in seen.items()),
    )


def orphan_zero(stage: Stage) -> Seen:
    """With 0 the FIN is repeated more than seven times, for more than 51 s."""
    stage.server.set({_ORPHAN_RETRIES: 0})
    _cut_off(stage, 80)
    kept = stays(lambda: stage.server.states(80)["FIN_WAIT1"] == 1, 54)
    repeated = max((row.retransmits for row in stage.server.rows(80) if row.state == "FIN_WAIT1"), default=0)
    return Seen(
        kept and repeated >= 6, f"0: FIN_WAIT1 {'there' if kept else 'gone'} after 54 s, FIN repeated {repeated} times"
    )


def data_before_fin(stage: Stage) -> Seen:
    """What was written before close() arrives, the process being done."""
    pair = stage.open(stage.server.listen())
    pair.accepted.sendall(b"x" * 50_000)
    pair.accepted.close()
    got = 0
    while chunk := pair.opener.recv(65_536):
        got += len(chunk)
    return Seen(got == 50_000, f"{got:,} of 50,000 bytes read after the writer's close()")


CLOSING = (
    Claim(
        "fin-timeout-bounds-fin-wait2",
        "tcp_fin_timeout is how long an orphan waits in FIN_WAIT2 for the peer's FIN.",
        f"{_CLOSE}, {_FIN_TIME}",
        (_FIN_TIMEOUT,),
        bounds_fin_wait2,
        4,
    ),
    Claim(
        "fin-timeout-above-60-is-twice-the-rest",
        "tcp_fin_timeout above 60 lasts 2 x (T - 60) seconds: 61 is 2 s, 65 is 10 s.",
        "net/ipv4/tcp_timer.c tcp_keepalive_timer(): tmo = tcp_fin_time(sk) - TCP_TIMEWAIT_LEN",
        (_FIN_TIMEOUT,),
        above_60,
        13,
    ),
    Claim(
        "fin-timeout-spares-half-closed-sockets",
        "tcp_fin_timeout does not touch a socket that was shut down and that a process still holds.",
        _CLOSE,
        (_FIN_TIMEOUT,),
        spares_held,
        6,
    ),
    Claim(
        "fin-timeout-zero-is-the-shortest",
        "tcp_fin_timeout takes 0 and negative numbers, which mean three and a half retransmission timeouts.",
        _FIN_TIME,
        (_FIN_TIMEOUT,),
        zero_is_shortest,
        3,
    ),
    Claim(
        "fin-timeout-gives-time-wait-its-full-minute",
        "A FIN that comes within tcp_fin_timeout makes a TIME_WAIT of the full 60 s.",
        "net/ipv4/tcp_minisocks.c tcp_timewait_state_process()",
        (_FIN_TIMEOUT,),
        full_minute,
        1.5,
    ),
    Claim(
        "fin-timeout-resets-a-late-fin",
        "A FIN that comes after tcp_fin_timeout is answered with RST.",
        "net/ipv4/tcp_ipv4.c tcp_v4_rcv(): no_tcp_socket",
        (_FIN_TIMEOUT,),
        late_fin_is_reset,
        2,
    ),
    Claim(
        "fin-timeout-yields-to-linger2",
        "TCP_LINGER2 of a socket goes before tcp_fin_timeout.",
        f"{_FIN_TIME}; tcp(7)",
        (_FIN_TIMEOUT,),
        linger2,
        3,
    ),
    Claim(
        "sockstat-tw-counts-fin-wait2",
        "The tw of /proc/net/sockstat counts orphans in FIN_WAIT2 too, which are no TIME_WAIT.",
        "net/ipv4/tcp_minisocks.c tcp_time_wait(); net/ipv4/proc.c sockstat_seq_show()",
        ("net.ipv4.tcp_max_tw_buckets", _FIN_TIMEOUT),
        counts_as_tw,
    ),
    Claim(
        "linger-zero-resets",
        "close() with SO_LINGER of 0 seconds sends RST and leaves no TIME_WAIT.",
        f"{_CLOSE}; socket(7)",
        (),
        linger_zero,
    ),
    Claim(
        "close-with-unread-data-resets",
        "close() with data unread sends RST and leaves no TIME_WAIT; TCPAbortOnClose counts it.",
        f"{_CLOSE}; RFC 2525 section 2.17",
        (),
        unread_data,
    ),
    Claim(
        "close-wait-has-no-timer",
        "No timer and no setting ends CLOSE_WAIT: only the application's close() does.",
        "RFC 9293 section 3.6; net/ipv4/tcp_input.c tcp_fin()",
        (_FIN_TIMEOUT, _ORPHAN_RETRIES, "net.ipv4.tcp_keepalive_time"),
        close_wait_stays,
        62.5,
    ),
    Claim(
        "orphan-retries-time",
        "tcp_orphan_retries bounds how long a closed socket repeats its FIN to a peer that vanished.",
        _ORPHAN,
        (_ORPHAN_RETRIES,),
        orphan_time,
        9,
    ),
    Claim(
        "orphan-retries-zero-is-eight",
        "tcp_orphan_retries = 0 does not mean none: the FIN is repeated for longer than seven retries would last.",
        _ORPHAN,
        (_ORPHAN_RETRIES,),
        orphan_zero,
        54.5,
    ),
    Claim(
        "orphans-deliver-what-was-written",
        "Data written before close() is delivered though the process has let go of the socket.",
        f"RFC 9293 section 3.10.4; {_CLOSE}",
        ("net.ipv4.tcp_max_orphans",),
        data_before_fin,
    ),
)
