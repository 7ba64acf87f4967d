"""What a row of the table of counters says."""

from typing import Literal, NamedTuple

from lastack.settings.release import Release, since

__all__ = ["Counter", "Source"]

# Where it is read: /proc/net/netstat, /proc/net/snmp, /proc/net/sockstat, /proc/net/stat/nf_conntrack.
Source = Literal["TcpExt", "Tcp", "sockstat", "nf_conntrack"]


class Counter(NamedTuple):
    """One counter.

    Attributes:
        name: as the kernel prints it; those of sockstat and nf_conntrack with their file's name in front.
        source: the group that it stands in.
        counts: what it counts.
        tells: what a rise of it says about the host, and where to look then.
        believed: what people take it for, and it is not; empty where no such belief is common.
        added: first release that has it, or the first that we read with it; empty: the oldest, 2.6.24, has it.
        removed: first release without it; empty: it is still there.
        history: how its meaning changed, a sentence each.
        per_namespace: False where every namespace shows the whole machine's.
        gauge: a number of now, not one that only grows.
        settings: keys of settings that bear on it.
    """

    name: str
    source: Source
    counts: str
    tells: str
    believed: str = ""
    added: str = ""
    removed: str = ""
    history: tuple[str, ...] = ()
    per_namespace: bool = True
    gauge: bool = False
    settings: tuple[str, ...] = ()

    def in_release(self, release: Release) -> bool:
        """Whether that release has it."""
        return since(release, self.added) and not (self.removed and since(release, self.removed))
