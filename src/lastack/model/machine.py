"""What all namespaces of a machine share, as far as a sample of one of them shows it."""

from collections.abc import Iterable

from msgspec import Struct

from lastack.errors import InputError
from lastack.model.sample import OpenFiles, Sample
from lastack.model.sysctl import integer

__all__ = ["FileUse", "Machine", "file_use", "machine"]

# Each machine's first namespace has it and no other has (net/core/sysctl_net_core.c).
_FIRST_NAMESPACE_ONLY = "net.core.netdev_max_backlog"


class Machine(Struct, frozen=True, kw_only=True):
    """Numbers of the whole machine.

    Attributes:
        first_namespace: whether the sample is of the machine's first namespace; its limits show only there.
        orphans: sockets that no process holds, in all namespaces; None: not visible.
        orphan_limit: ``tcp_max_orphans``.
        buckets: of the table of connections (``tcp_ehash_entries``), this namespace's own or the machine's.
        memory_pages: what all TCP sockets hold.
        memory_marks: ``tcp_mem`` in pages: below the first all is well, from the second on memory is scarce, at the
            third there is none.
        memory_scarce: whether the kernel says that it is.
        tracked: connections that conntrack has of this namespace; None: there is no conntrack, or it is not visible.
        track_limit: how many it may have; 0: any number.
    """

    first_namespace: bool
    orphans: int | None
    orphan_limit: int | None
    buckets: int | None
    memory_pages: int | None
    memory_marks: tuple[int, int, int] | None
    memory_scarce: bool | None
    tracked: int | None
    track_limit: int | None


class FileUse(Struct, frozen=True, kw_only=True):
    """A process and its open files.

    Attributes:
        process: ``name/pid``.
        open: files open.
        limit: how many may be.
        growth_per_s: how many more a second since the earlier sample; None without one.
    """

    process: str
    open: int
    limit: int
    growth_per_s: float | None

    @property
    def exhausted_in_s(self) -> float | None:
        """Seconds until the limit at the present rate; 0: it is reached; None: it does not come to that."""
        if self.open >= self.limit:
            return 0.0
        if not self.growth_per_s or self.growth_per_s < 0:
            return None
        return (self.limit - self.open) / self.growth_per_s


def machine(sample: Sample) -> Machine:
    """The machine behind a sample.

    Raises:
        InputError: ``malformed-setting``.
    """
    tcp, tracking = sample.sockstat.get("TCP", {}), sample.conntrack
    buckets = integer(sample.settings, "net.ipv4.tcp_ehash_entries")
    return Machine(
        first_namespace=_FIRST_NAMESPACE_ONLY in sample.settings,
        orphans=tcp.get("orphan"),
        orphan_limit=integer(sample.settings, "net.ipv4.tcp_max_orphans"),
        buckets=None if buckets is None else abs(buckets),  # negative: the table is shared
        memory_pages=tcp.get("mem"),
        memory_marks=_memory_marks(sample),
        memory_scarce=sample.memory_pressure,
        tracked=None if tracking is None else tracking.count,
        track_limit=None if tracking is None else tracking.max,
    )


def file_use(
    files: Iterable[OpenFiles] | None, previous: Iterable[OpenFiles] | None, interval_s: float
) -> list[FileUse] | None:
    """Open files by process, the fullest first; None where they are not visible.

    Args:
        files: of the sample.
        previous: of an earlier sample that compares, or None.
        interval_s: seconds between the two; unused without ``previous``.
    """
    if files is None:
        return None
    before = {use.process: use.open for use in previous or ()}
    uses = [
        FileUse(
            process=use.process,
            open=use.open,
            limit=use.limit,
            growth_per_s=(use.open - before[use.process]) / interval_s if use.process in before else None,
        )
        for use in files
    ]
    return sorted(uses, key=lambda use: (-use.open / max(use.limit, 1), use.process))


def _memory_marks(sample: Sample) -> tuple[int, int, int] | None:
    key = "net.ipv4.tcp_mem"
    text = sample.settings.get(key)
    if text is None:
        return None
    try:
        low, pressure, most = map(int, text.split())
    except ValueError:
        raise InputError("malformed-setting", f"{key} is {text!r}; expected three whole numbers") from None
    return low, pressure, most
