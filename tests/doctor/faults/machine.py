"""The machine's limits. No namespace has them to itself, so their numbers are put into a real snapshot of one.

``tcp_max_orphans``, ``tcp_mem`` and ``nf_conntrack_max`` belong to the whole machine, and nothing here writes those.
"""

from collections.abc import Callable

from msgspec.structs import replace

from lastack.lab import Cohort
from lastack.model.sample import Conntrack, Promise, Sample
from tests.doctor.faults.fault import Fault

__all__ = ["FAULTS"]

# The key that tells the first namespace from others.
_FIRST = {"net.core.netdev_max_backlog": "1000"}


def _with(settings: dict[str, str] | None = None, **fields: object) -> Callable[[Sample], Sample]:
    """What makes a snapshot that of a machine's first namespace, with these settings and fields."""

    def edit(sample: Sample) -> Sample:
        return replace(sample, settings=sample.settings | _FIRST | (settings or {}), **fields)

    return edit


def _orphans(count: int, limit: int) -> Callable[[Sample], Sample]:
    settings = {"net.ipv4.tcp_max_orphans": str(limit), "net.ipv4.tcp_ehash_entries": str(-2 * limit)}
    return _with(settings, sockstat={"TCP": {"inuse": 0, "orphan": count, "tw": 0, "alloc": count, "mem": 0}})


def _memory(pages: int, *, scarce: bool) -> Callable[[Sample], Sample]:
    """A machine with 8 GiB: scarce from 121,347 pages on, none left at 182,016."""
    sockstat = {"TCP": {"inuse": 0, "orphan": 0, "tw": 0, "alloc": 9000, "mem": pages}}
    return _with({"net.ipv4.tcp_mem": "91008 121347 182016"}, sockstat=sockstat, memory_pressure=scarce)


def _promises(*promises: tuple[str, str, str | None]) -> Callable[[Sample], Sample]:
    file = "/etc/sysctl.d/90-tuned.conf"
    lines = [
        Promise(key=key, value=value, live=live, file=file, line=line)
        for line, (key, value, live) in enumerate(promises, 1)
    ]
    return _with(promises=lines)


FAULTS = (
    Fault("orphans-many", "40,000 orphans of 65,536", "orphans", "warning", edit=_orphans(40_000, 65_536)),
    Fault("orphans-full", "no room for another orphan", "orphans", "critical", edit=_orphans(65_536, 65_536)),
    Fault("orphans-few", "25,000 orphans where 131,072 may be", "orphans", None, edit=_orphans(25_000, 131_072)),
    Fault(
        "memory-scarce",
        "TCP holds 500 MB on a machine with 8 GiB",
        "memory-pressure",
        "warning",
        edit=_memory(130_000, scarce=True),
    ),
    Fault(
        "memory-gone",
        "TCP holds all that it may",
        "memory-pressure",
        "critical",
        edit=_memory(182_016, scarce=True),
    ),
    Fault(
        "memory-in-use",
        "TCP holds 400 MB, and has room",
        "memory-pressure",
        None,
        edit=_memory(100_000, scarce=False),
    ),
    Fault(
        "conntrack-nearly-full",
        "230,000 of 262,144 connections tracked",
        "conntrack",
        "warning",
        edit=_with(conntrack=Conntrack(count=230_000, max=262_144)),
    ),
    Fault(
        "conntrack-full",
        "the table of tracked connections is full",
        "conntrack",
        "critical",
        edit=_with(conntrack=Conntrack(count=262_144, max=262_144)),
    ),
    Fault(
        "conntrack-busy",
        "two minutes of 1,000 closes a second in the table",
        "conntrack",
        None,
        edit=_with(conntrack=Conntrack(count=120_000, max=262_144)),
    ),
    Fault(
        "tracker-forgets-first",
        "conntrack forgets idle connections before keepalive asks, and for good",
        "keepalive-probes",
        "warning",
        cohorts=(Cohort("ESTABLISHED", 5),),
        settings={
            "net.netfilter.nf_conntrack_tcp_timeout_established": 600,
            "net.netfilter.nf_conntrack_tcp_loose": 0,
        },
        edit=_with(conntrack=Conntrack(count=5, max=262_144)),
    ),
    Fault(
        "recycling",
        "an old kernel with tcp_tw_recycle on",
        "hazardous-settings",
        "warning",
        edit=_with({"net.ipv4.tcp_tw_recycle": "1"}, kernel="4.9.0"),
    ),
    Fault(
        "files-and-kernel-differ",
        "a file promises what the kernel does not have, and a key that is gone",
        "drift",
        "notice",
        edit=_promises(("net.core.somaxconn", "65535", "4096"), ("net.ipv4.tcp_tw_recycle", "1", None)),
    ),
    Fault(
        "files-written-otherwise",
        "a file writes in hexadecimal and with a comment what the kernel has",
        "drift",
        None,
        edit=_promises(("net.core.somaxconn", "0x1000", "4096"), ("net.ipv4.tcp_fin_timeout", "60 # s", "60")),
    ),
)
