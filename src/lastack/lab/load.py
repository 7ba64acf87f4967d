"""Load: connections a second between the server and a client, and handshakes that never finish."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lastack.errors import UsageError

__all__ = ["Load", "Report", "add_up"]

End = Literal["server", "client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to drive.

    Attributes:
        seconds: for how long.
        rate: connections a second, over all processes; None: as many as can be.
        opener: the end that sends the SYN; the kernel chooses its ports.
        closer: the end that closes first, and so has the TIME_WAIT.
        hold_s: seconds between the opening and the first close.
        concurrency: connections that are open at once, at most, in each process.
        finish: False: SYNs alone, to a listener that is there already, whose answers are lost.
        family: 4 or 6.
        port: of the listening end; each further process takes the next one.
        addresses: the opener's, for each process, taken in turn; each has ports of its own.
        processes: that drive it.

    Raises:
        UsageError: ``bad-load``.
    """

    seconds: float
    rate: float | None = None
    opener: End = "client"
    closer: End = "server"
    hold_s: float = 0
    concurrency: int = 1000
    finish: bool = True
    family: int = 4
    port: int = 80
    addresses: int = 1
    processes: int = 1

    def __post_init__(self) -> None:
        sound = (
            self.seconds > 0
            and (self.rate is None or self.rate > 0)
            and self.hold_s >= 0
            and min(self.concurrency, self.addresses, self.processes) >= 1
            and self.family in {4, 6}
            and (self.finish or self.opener == "client")
        )
        if not sound:
            raise UsageError(
                "bad-load", f"no lab drives {self}", "numbers above 0; only a client leaves handshakes open"
            )


class Report(NamedTuple):
    """What was driven.

    Attributes:
        opened: connections, or SYNs.
        failed: tries that failed, by the name of their errno; ETIMEDOUT after a second.
        seconds: that it took.
    """

    opened: int
    failed: Mapping[str, int]
    seconds: float

    @property
    def rate(self) -> float:
        """Connections a second."""
        return self.opened / self.seconds


def add_up(reports: Iterable[Report]) -> Report:
    """The report of processes that ran side by side."""
    each = list(reports)
    failed: Counter[str] = Counter()
    for report in each:
        failed.update(report.failed)
    return Report(sum(report.opened for report in each), failed, max(report.seconds for report in each))
