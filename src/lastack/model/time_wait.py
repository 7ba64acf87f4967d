"""The TIME_WAIT sockets of a host: who closed first, when, where, and what they cost."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from lastack.model.sample import Cohort, Role
from lastack.model.sysctl import integer
from lastack.model.totals import grouped, place, timeline, total

__all__ = ["BYTES_HIGH", "BYTES_LOW", "CloseGroup", "TimeWait", "recounted", "time_wait"]

# Measured on Linux 6.18: the socket alone (tw_sock_TCP in its slab), and with the two bind buckets, bind and
# bind2, of a local port that no other socket shares.
BYTES_LOW = 256
BYTES_HIGH = 521


class CloseGroup(Struct, frozen=True, kw_only=True):
    """TIME_WAIT sockets of one listener, or towards one destination.

    Attributes:
        role: ``passive``: this host was connected to, and closed first; ``active``: it connected, and closed first.
        label: the local end of a passive group, ``local > remote:port`` of an active one.
        count: sockets.
        closes: entries a second over the last 60 s, newest last.
    """

    role: Role | None
    label: str
    count: int
    closes: list[int]


class TimeWait(Struct, frozen=True, kw_only=True):
    """All TIME_WAIT sockets.

    Attributes:
        count: sockets.
        server_closed: of them, those whose connection was opened by the other side.
        client_closed: of them, those whose connection was opened from here.
        closes: entries a second over the last 60 s, newest last.
        groups: by listener and destination, largest first.
        memory_low_bytes: what they occupy at least.
        memory_high_bytes: at most, where each is alone on its local port.
        mini_sockets: what counts against the limit: TIME_WAIT and orphaned FIN_WAIT2 together.
        limit: ``tcp_max_tw_buckets``, which may be negative; None: not visible.
    """

    count: int
    server_closed: int
    client_closed: int
    closes: list[int]
    groups: list[CloseGroup]
    memory_low_bytes: int
    memory_high_bytes: int
    mini_sockets: int
    limit: int | None


class _Key(NamedTuple):
    role: Role | None
    label: str


def time_wait(
    cohorts: Iterable[Cohort], *, sockstat: Mapping[str, Mapping[str, int]], settings: Mapping[str, str]
) -> TimeWait:
    """The TIME_WAIT part of a sample. ``sockstat``'s ``tw`` is this namespace's own count of mini-sockets."""
    every = list(cohorts)
    waiting = [cohort for cohort in every if cohort.state == "TIME_WAIT"]
    count = total(waiting)
    orphaned = total(cohort for cohort in every if cohort.state == "FIN_WAIT2" and cohort.orphan)
    return TimeWait(
        count=count,
        server_closed=total(cohort for cohort in waiting if cohort.role == "passive"),
        client_closed=total(cohort for cohort in waiting if cohort.role == "active"),
        closes=timeline(waiting),
        groups=_groups(waiting),
        memory_low_bytes=count * BYTES_LOW,
        memory_high_bytes=count * BYTES_HIGH,
        mini_sockets=sockstat.get("TCP", {}).get("tw", count + orphaned),
        limit=integer(settings, "net.ipv4.tcp_max_tw_buckets"),
    )


def recounted(before: TimeWait, count: int, sockstat: Mapping[str, Mapping[str, int]]) -> TimeWait:
    """The same where there are so many now; who closed first, when and where, stays."""
    return replace(
        before,
        count=count,
        memory_low_bytes=count * BYTES_LOW,
        memory_high_bytes=count * BYTES_HIGH,
        mini_sockets=sockstat.get("TCP", {}).get("tw", count),
    )


def _groups(waiting: Iterable[Cohort]) -> list[CloseGroup]:
    found = grouped(waiting, lambda cohort: _Key(cohort.role, place(cohort)))
    groups = [
        CloseGroup(role=key.role, label=key.label, count=total(members), closes=timeline(members))
        for key, members in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.count, group.label))
