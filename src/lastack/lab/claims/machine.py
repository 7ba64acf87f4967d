"""Claims about what is the namespace's and what is the machine's."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lastack.kernel.counters import read_counters
from lastack.lab.claims.claim import Claim, NotTestableError, Seen
from lastack.lab.claims.stage import Stage
from lastack.lab.claims.wait import seconds_until
from lastack.lab.syscalls import NET, unshare

__all__ = ["MACHINE"]

_CHILD, _BUCKETS, _SYN_BACKLOG = (
    "net.ipv4.tcp_child_ehash_entries",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_max_syn_backlog",
)
_FIN_TIMEOUT = "net.ipv4.tcp_fin_timeout"
_TUNED = {
    "net.ipv4.tcp_syncookies": 2,
    "net.ipv4.tcp_tw_reuse": 1,
    "net.ipv4.tcp_keepalive_time": 1200,
    "net.ipv4.ip_local_port_range": "10240 65001",
    _FIN_TIMEOUT: 15,
    "net.core.somaxconn": 1024,
}


def _in_new_namespace(stage: Stage, keys: tuple[str, ...]) -> dict[str, str]:
    """What a namespace made from the server's says to some settings."""
    reader, writer = os.pipe()
    with stage.server.inside():
        child = os.fork()
    if child == 0:
        try:
            with stage.server.inside():
                unshare(NET)
                files = [Path("/proc/sys", key.replace(".", "/")).read_text("ascii") for key in keys]
            os.write(writer, "\0".join(files).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        values = answer.read().split("\0")
    os.waitpid(child, 0)
    if len(values) != len(keys):
        raise NotTestableError("no namespace can be made in here")
    return {key: " ".join(value.split()) for key, value in zip(keys, values, strict=True)}


def new_namespace_defaults(stage: Stage) -> Seen:
    """Six keys that were tuned in its parent."""
    before = {key: stage.server.get(key) for key in _TUNED}
    stage.server.set(_TUNED)
    new = _in_new_namespace(stage, tuple(_TUNED))
    defaults = sum(new[key] == before[key] for key in _TUNED)
    inherited = sum(new[key] == str(value) for key, value in _TUNED.items())
    return Seen(
        defaults == len(_TUNED),
        f"of {len(_TUNED)} tuned settings a new namespace has {defaults} at their defaults, {inherited} tuned",
    )


def child_table_shrinks(stage: Stage) -> Seen:
    """1000: 512 TIME_WAIT and a SYN backlog of 128."""
    stage.server.set({_CHILD: 1000})
    new = _in_new_namespace(stage, ("net.ipv4.tcp_ehash_entries", _BUCKETS, _SYN_BACKLOG, _CHILD))
    values = list(new.values())
    return Seen(
        values == ["1024", "512", "128", "0"],
        f"1000: table {values[0]}, TIME_WAIT {values[1]}, SYN backlog {values[2]}, child's child {values[3]}",
    )


def orphans_are_everybodys(stage: Stage) -> Seen:
    """Fifty orphans of the server's show in the client's sockstat, its TIME_WAIT do not."""
    door = stage.server.listen()
    stage.leave(door, (0,) * 20, by_server=True)
    before = stage.client.sockstat("orphan")
    pairs = [stage.open(door) for _ in range(60)]
    stage.server.cut(stage.client.address)
    for pair in pairs:
        pair.accepted.close()
    seconds_until(lambda: stage.client.sockstat("orphan") >= before + 40, 2)
    orphans, waiting = stage.client.sockstat("orphan") - before, stage.client.sockstat("tw")
    return Seen(
        orphans >= 40 and waiting == 0,
        f"60 orphans and 20 TIME_WAIT of the server's: its neighbour shows {orphans} orphans more, tw {waiting}",
    )


def no_orphan_queued(stage: Stage) -> Seen:
    """The kernel's files do not have the name."""
    with stage.server.inside():
        names = {name for table in read_counters().values() for name in table}
    return Seen(
        "TCPOrphanQueued" not in names,
        f"{len(names)} counters, TCPOrphanQueued {'among' if 'TCPOrphanQueued' in names else 'not among'} them",
    )


def tw_counts_entries(stage: Stage) -> Seen:
    """It rises when TIME_WAIT begins."""
    count = stage.server.count()
    stage.leave(stage.server.listen(), (0,) * 10, by_server=True)
    seconds_until(lambda: count["TW"] >= 10, 2)
    there, counted = stage.server.sockstat("tw"), count["TW"]
    return Seen((there, counted) == (10, 10), f"{there} TIME_WAIT just begun: TW rose by {counted}")


def killed_is_short(stage: Stage) -> Seen:
    """An orphan with a tcp_fin_timeout of 2 counts there, one with 60 in TW."""
    seen = {}
    for port, value in ((81, 2), (82, 60)):
        stage.server.set({_FIN_TIMEOUT: value})
        count = stage.server.count()
        stage.open(stage.server.listen(port)).accepted.close()
        stage.server.reaches(port, "FIN_WAIT2", 2)
        seen[value] = (count["TW"], count["TWKilled"])
    return Seen(
        seen == {2: (0, 1), 60: (1, 0)},
        "; ".join(f"tcp_fin_timeout {value}: TW {tw}, TWKilled {killed}" for value, (tw, killed) in seen.items()),
    )


def _global(stage: Stage, key: str) -> Seen:
    """A setting that only the machine's first namespace can write."""
    if stage.server.has(key):
        answer = stage.server.write(key, stage.server.get(key))
        if answer == "ok":
            return Seen(holds=False, observed=f"{key} can be written in a private namespace")
        raise NotTestableError(f"{key} is one for the whole machine: a namespace may read it, writing gives {answer}")
    raise NotTestableError(f"{key} is one for the whole machine: no private namespace has it")


def only_the_machines(key: str) -> Callable[[Stage], Seen]:
    """The experiment that cannot be made."""
    return partial(_global, key=key)


MACHINE = (
    Claim(
        "new-namespaces-begin-with-the-kernels-defaults",
        "A new network namespace, so a container, has the kernel's defaults and not the host's tuned values.",
        "net/ipv4/tcp_ipv4.c tcp_sk_init()",
        tuple(_TUNED),
        new_namespace_defaults,
    ),
    Claim(
        "child-ehash-shrinks-tw-buckets",
        "tcp_child_ehash_entries sizes the tables of namespaces to come and their limits; it is not handed on.",
        "net/ipv4/tcp_ipv4.c tcp_set_hashinfo(); since Linux 6.1",
        (_CHILD, _BUCKETS, _SYN_BACKLOG),
        child_table_shrinks,
    ),
    Claim(
        "sockstat-orphans-are-the-machines",
        "The orphan of /proc/net/sockstat is the whole machine's, its tw the namespace's own.",
        "net/ipv4/proc.c sockstat_seq_show()",
        ("net.ipv4.tcp_max_orphans", _BUCKETS),
        orphans_are_everybodys,
    ),
    Claim(
        "tcp-orphan-queued-is-in-no-kernel",
        "The counter TCPOrphanQueued, which pages on the web name, does not exist.",
        "net/ipv4/proc.c snmp4_net_list",
        (),
        no_orphan_queued,
    ),
    Claim(
        "tw-counts-entries",
        "The counter TW rises when a TIME_WAIT begins, not when it ends.",
        "net/ipv4/inet_timewait_sock.c __inet_twsk_schedule(); since Linux 5.18",
        (),
        tw_counts_entries,
    ),
    Claim(
        "tw-killed-counts-short-fin-wait2",
        "TWKilled counts orphans whose FIN_WAIT2 is to last 4 s at most; none was killed.",
        "net/ipv4/inet_timewait_sock.c __inet_twsk_schedule()",
        (_FIN_TIMEOUT,),
        killed_is_short,
    ),
    *(
        Claim(slug, statement, source, (key,), only_the_machines(key))
        for slug, statement, source, key in (
            (
                "max-orphans-resets-the-next-close",
                "Beyond tcp_max_orphans the next close() is a reset, and the kernel logs it.",
                "net/ipv4/tcp.c tcp_check_oom()",
                "net.ipv4.tcp_max_orphans",
            ),
            (
                "tcp-mem-full-cuts-off",
                "At the third number of tcp_mem sends wait and orphans are reset.",
                "net/core/sock.c __sk_mem_raise_allocated()",
                "net.ipv4.tcp_mem",
            ),
            (
                "netdev-backlog-is-no-listen-backlog",
                "net.core.netdev_max_backlog bounds packets in front of the protocols, and no listener's queue.",
                "net/core/dev.c enqueue_to_backlog()",
                "net.core.netdev_max_backlog",
            ),
            (
                "conntrack-max-drops-new-connections",
                "At nf_conntrack_max the packet that would open a new entry is dropped.",
                "net/netfilter/nf_conntrack_core.c __nf_conntrack_alloc()",
                "net.netfilter.nf_conntrack_max",
            ),
        )
    ),
)
