"""What came of a load."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

__all__ = ["Outcome", "percentiles"]


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the programs of a load saw.

    Attributes:
        opened: connections made.
        answered: requests that had their answer.
        asked: requests that were to be made.
        failed: requests without, by the name of their errno; ETIMEDOUT where patience ended.
        connect_us: ``{"median": ..., "p99": ...}`` of the time from connect() to the end of the handshake.
        request_us: the same of whole requests, where the program tells only these.
        seconds: that it took.
        lost: of connections that were idle, those that did not carry an answer afterwards.
        unnoticed: of the lost, those that the host still took for open.
        wanted_rate: requests a second that were to be made; None: as many as could be.
    """

    opened: int
    answered: int
    asked: int
    failed: Mapping[str, int] = field(default_factory=dict)
    connect_us: Mapping[str, float] = field(default_factory=dict)
    request_us: Mapping[str, float] = field(default_factory=dict)
    seconds: float
    lost: int | None = None
    unnoticed: int | None = None
    wanted_rate: float | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the load fell short of its rate by more than a tenth."""
        return self.wanted_rate is not None and self.asked / self.seconds < 0.9 * self.wanted_rate


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile; nothing of nothing."""
    ordered = sorted(values)
    if not ordered:
        return {}
    return {"median": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100]}
