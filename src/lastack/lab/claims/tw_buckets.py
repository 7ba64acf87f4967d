"""Claims about tcp_max_tw_buckets: what happens at the limit, and what counts towards it."""

import socket

from lastack.lab.claims.claim import Claim, Seen
from lastack.lab.claims.end import Count
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.wait import seconds_until

__all__ = ["TW_BUCKETS"]

_BUCKETS, _TABLE = "net.ipv4.tcp_max_tw_buckets", "net.ipv4.tcp_ehash_entries"
_ALLOC, _ENTER = "net/ipv4/inet_timewait_sock.c inet_twsk_alloc()", "net/ipv4/tcp_minisocks.c tcp_time_wait()"


def evicts_nothing(stage: Stage) -> Seen:
    """Twenty stay when the limit falls to five."""
    stage.leave(stage.server.listen(), (0,) * 20, by_server=True)
    before = stage.server.sockstat("tw")
    stage.server.set({_BUCKETS: 5})
    after = stage.server.sockstat("tw")
    return Seen((before, after) == (20, 20), f"{before} TIME_WAIT before the limit fell to 5, {after} after")


def overflow_resets(stage: Stage) -> Seen:
    """Twenty closes with a limit of five: five TIME_WAIT, and the peers of the others get RST for their FIN."""
    stage.server.set({_BUCKETS: 5})
    count, waiting = _close_twenty(stage)
    overflow, resets = count["TCPTimeWaitOverflow"], count["OutRsts"]
    return Seen(
        (waiting, overflow, resets) == (5, 15, 15),
        f"20 closes, limit 5: {waiting} TIME_WAIT, TCPTimeWaitOverflow {overflow}, {resets} RST sent to peers",
    )


def no_limit_no_reset(stage: Stage) -> Seen:
    """The same with the limit that a namespace begins with."""
    count, waiting = _close_twenty(stage)
    overflow, resets, limit = count["TCPTimeWaitOverflow"], count["OutRsts"], stage.server.get(_BUCKETS)
    return Seen(
        (waiting, overflow, resets) == (20, 0, 0),
        f"20 closes, limit {limit}: {waiting} TIME_WAIT, TCPTimeWaitOverflow {overflow}, {resets} RST",
    )


def _close_twenty(stage: Stage) -> tuple[Count, int]:
    """The server closes twenty connections, and their peers once that is acknowledged; its counters, its TIME_WAIT."""
    door, count = stage.server.listen(), stage.server.count()
    pairs = [stage.open(door) for _ in range(20)]
    for pair in pairs:
        pair.accepted.close()
    stage.server.leaves(80, "FIN_WAIT1", 2)
    for pair in pairs:
        pair.opener.close()
    seconds_until(lambda: not stage.server.states(80)["FIN_WAIT2"] and not stage.client.states(80), 2)
    return count, stage.server.states(80)["TIME_WAIT"]


def overflow_counts(stage: Stage) -> Seen:
    """Ten closes, ten counted."""
    stage.server.set({_BUCKETS: 0})
    door, count = stage.server.listen(), stage.server.count()
    stage.leave(door, (0,) * 10, by_server=True)
    overflow, waiting = count["TCPTimeWaitOverflow"], stage.server.sockstat("tw")
    return Seen(
        (overflow, waiting) == (10, 0), f"10 closes, limit 0: {waiting} TIME_WAIT, TCPTimeWaitOverflow {overflow}"
    )


def caps_fin_wait2(stage: Stage) -> Seen:
    """Ten orphans whose peers do not close: five are kept."""
    stage.server.set({_BUCKETS: 5})
    door, count = stage.server.listen(), stage.server.count()
    for _ in range(10):
        stage.open(door).accepted.close()
    stage.server.leaves(80, "FIN_WAIT1", 2)
    kept, overflow = stage.server.states(80)["FIN_WAIT2"], count["TCPTimeWaitOverflow"]
    return Seen((kept, overflow) == (5, 5), f"10 orphans, limit 5: {kept} in FIN_WAIT2, TCPTimeWaitOverflow {overflow}")


def zero_is_none(stage: Stage) -> Seen:
    """With 0 one port serves ten connections in a row."""
    stage.client.set({_BUCKETS: 0, "net.ipv4.ip_local_port_range": "40000 40000", "net.ipv4.tcp_tw_reuse": 0})
    made, last = _in_a_row(stage, stage.server.listen())
    waiting = stage.client.sockstat("tw")
    return Seen(
        (made, waiting) == (10, 0), f"limit 0: {made} of 10 connections from one port, {waiting} TIME_WAIT ({last})"
    )


def _in_a_row(stage: Stage, door: socket.socket) -> tuple[int, str]:
    for made in range(10):
        attempt = stage.client.connect(door.getsockname()[:2])
        if not attempt.ok:
            return made, attempt.result
        stage.wind_up(attempt.socket, stage.take(door))
    return 10, "ok"


def minus_one_is_unlimited(stage: Stage) -> Seen:
    """-1 lets all be."""
    stage.server.set({_BUCKETS: -1})
    stage.leave(stage.server.listen(), (0,) * 20, by_server=True)
    waiting = stage.server.sockstat("tw")
    return Seen(waiting == 20, f"limit -1: {waiting} of 20 closes in TIME_WAIT")


def per_namespace(stage: Stage) -> Seen:
    """A limit of five at the server leaves the client's closes alone."""
    stage.server.set({_BUCKETS: 5})
    stage.leave(stage.server.listen(81), (0,) * 20, by_server=True)
    stage.leave(stage.server.listen(82), (0,) * 20)
    ours, theirs = stage.server.sockstat("tw"), stage.client.sockstat("tw")
    return Seen(
        (ours, theirs) == (5, 20), f"20 closes each: {ours} TIME_WAIT with limit 5, {theirs} in the namespace beside it"
    )


def default_is_half(stage: Stage) -> Seen:
    """Half of the hash table's entries."""
    table, limit = abs(int(stage.server.get(_TABLE))), int(stage.server.get(_BUCKETS))
    return Seen(limit == table // 2, f"hash table of {table:,} entries, limit {limit:,}")


def takes_any_number(stage: Stage) -> Seen:
    """No value is refused, sensible or not."""
    answers = {value: stage.server.write(_BUCKETS, value) for value in (-5, 0, 1, 2**31 - 1)}
    return Seen(set(answers.values()) == {"ok"}, ", ".join(f"{value}: {answer}" for value, answer in answers.items()))


TW_BUCKETS = (
    Claim(
        "tw-buckets-evict-nothing",
        "Lowering tcp_max_tw_buckets removes no TIME_WAIT that is there.",
        _ALLOC,
        (_BUCKETS,),
        evicts_nothing,
    ),
    Claim(
        "tw-buckets-overflow-answers-with-rst",
        "Beyond tcp_max_tw_buckets a closing socket is forgotten, and a peer's later FIN is answered with RST.",
        _ENTER,
        (_BUCKETS,),
        overflow_resets,
    ),
    Claim(
        "tw-buckets-unlowered-reset-nobody",
        "Below the limit every close ends in TIME_WAIT, and no peer is reset.",
        _ENTER,
        (_BUCKETS,),
        no_limit_no_reset,
    ),
    Claim(
        "tw-buckets-cap-orphan-fin-wait2",
        "tcp_max_tw_buckets bounds orphans in FIN_WAIT2 too.",
        f"net/ipv4/tcp.c __tcp_close(); {_ENTER}",
        (_BUCKETS, "net.ipv4.tcp_fin_timeout"),
        caps_fin_wait2,
    ),
    Claim(
        "tw-buckets-zero-is-none",
        "tcp_max_tw_buckets = 0 means no TIME_WAIT at all: a port can be used again at once.",
        _ALLOC,
        (_BUCKETS,),
        zero_is_none,
    ),
    Claim(
        "tw-buckets-overflow-is-counted",
        "Each TIME_WAIT that the limit forbids counts in TCPTimeWaitOverflow.",
        _ENTER,
        (_BUCKETS,),
        overflow_counts,
    ),
    Claim(
        "tw-buckets-minus-one-is-unlimited",
        "tcp_max_tw_buckets = -1 means no limit.",
        f"{_ALLOC}: an unsigned comparison since Linux 5.18",
        (_BUCKETS,),
        minus_one_is_unlimited,
    ),
    Claim(
        "tw-buckets-are-per-namespace",
        "Each network namespace has its own limit and its own count: a node of pods has no limit in all.",
        f"{_ALLOC}; struct netns_ipv4 tcp_death_row",
        (_BUCKETS,),
        per_namespace,
    ),
    Claim(
        "tw-buckets-default-is-half-the-table",
        "The default of tcp_max_tw_buckets is half of the connection hash table's entries.",
        "net/ipv4/tcp_ipv4.c tcp_set_hashinfo()",
        (_BUCKETS, _TABLE),
        default_is_half,
    ),
    Claim(
        "tw-buckets-take-any-number",
        "The kernel checks nothing: tcp_max_tw_buckets takes 0 and negative numbers.",
        "net/ipv4/sysctl_net_ipv4.c ipv4_net_table: proc_dointvec",
        (_BUCKETS,),
        takes_any_number,
    ),
)
