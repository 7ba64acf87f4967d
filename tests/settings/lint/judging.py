"""Judging text in one line of a test."""

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.judge import Judged, judge, read_files
from lastack.settings.lint.scene import Listening, View
from lastack.settings.release import parse_release

__all__ = ["DEFAULTS", "here", "on", "one"]

CURRENT = parse_release("6.18")

# What a current host has live by default; what its kernel computes is that of 32 GiB of memory.
DEFAULTS = {row.key: row.default_now for row in SETTINGS.values() if row.in_release(CURRENT) and row.defaults} | {
    "net.ipv4.tcp_ehash_entries": "262144",
    "net.ipv4.tcp_max_orphans": "131072",
    "net.ipv4.tcp_max_syn_backlog": "2048",
    "net.ipv4.tcp_max_tw_buckets": "131072",
    "net.ipv4.tcp_mem": "250000\t330000\t500000",
    "net.ipv4.tcp_rmem": "4096\t131072\t6291456",
    "net.netfilter.nf_conntrack_buckets": "262144",
    "net.netfilter.nf_conntrack_max": "262144",
}


def on(text: str, release: str = "6.18") -> list[Judged]:
    """The verdicts for another host with that kernel."""
    return judge(read_files([("f", text.encode())]), View(parse_release(release)))


def here(text: str, listeners: tuple[Listening, ...] = (), **live: str) -> list[Judged]:
    """The verdicts on a host with the defaults live, but for some: ``tcp_timestamps="0"``."""
    values = DEFAULTS | {key: live.get(key.rpartition(".")[2], value) for key, value in DEFAULTS.items()}
    return judge(read_files([("f", text.encode())]), View(CURRENT, values, listeners=listeners))


def one(judged: list[Judged]) -> Judged:
    """The last line's verdict."""
    return judged[-1]
