"""Where the view's samples come from: the running kernel or a store. Both can be stepped through, and look alike."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from lastack.errors import InputError
from lastack.kernel.holdings import Holdings
from lastack.kernel.sampler import take_sample
from lastack.model.flow import Moment
from lastack.model.sample import Sample
from lastack.model.totals import by_state
from lastack.store.reader import Reader

__all__ = ["HISTORY", "WINDOW_S", "Live", "Recorded", "Timeline", "counts"]

HISTORY = 24  # samples of a sparkline
WINDOW_S = 10.0

_KEPT = 300
_ROWS = 256  # cohorts of a kept sample, as the recorder has them


class Timeline(Protocol):
    """Samples in the order of their time, and one of them that is looked at."""

    def tick(self) -> None:
        """Go on: the kernel is asked again; in a recording, to the next sample."""

    def step(self, by: int) -> None:
        """Look at the sample so many later, or earlier; the last or first where there are not so many."""

    def moment(self) -> Moment:
        """What is looked at, and a sample of some seconds before it, where there is one."""

    def history(self) -> Sequence[dict[str, int]]:
        """Sockets per state of the samples up to it, newest last."""

    @property
    def behind(self) -> int:
        """How many samples it is from the newest; of a recording, 0 at its end, or else 1 or more."""


def counts(sample: Sample) -> dict[str, int]:
    """Sockets per state, those that listen included."""
    return by_state(sample.cohorts) | ({"LISTEN": len(sample.listeners)} if sample.listeners else {})


class Live:
    """The calling thread's namespace; the last samples are kept, to step back through. A Timeline."""

    def __init__(self, netns: str | None) -> None:
        self._netns = netns
        self._holdings = Holdings()
        self._kept: deque[Sample] = deque(maxlen=_KEPT)
        self._at = 0
        self.tick()

    def tick(self) -> None:
        """Sample; who looks at an earlier sample goes on looking at that one."""
        self._kept.append(take_sample(self._netns, rows=_ROWS, holdings=self._holdings))
        if self._at:
            self._at = min(self._at + 1, len(self._kept) - 1)

    def step(self, by: int) -> None:
        """Among the samples that are kept."""
        self._at = min(max(self._at - by, 0), len(self._kept) - 1)

    def moment(self) -> Moment:
        """With the newest sample that is ten seconds older, or the oldest there is."""
        seen = self._seen()
        earlier = [one for one in seen[:-1] if seen[-1].uptime_s - one.uptime_s >= WINDOW_S]
        return Moment(seen[-1], earlier[-1] if earlier else seen[0] if len(seen) > 1 else None)

    def history(self) -> list[dict[str, int]]:
        """Of the samples that are kept."""
        return [counts(one) for one in self._seen()[-HISTORY:]]

    @property
    def behind(self) -> int:
        """Samples taken since."""
        return self._at

    def _seen(self) -> list[Sample]:
        return list(self._kept)[: len(self._kept) - self._at]


class Recorded:
    """A store, from a moment on. A Timeline.

    Args:
        reader: the store, open, used by one thread.
        at: the moment; None: the first sample.

    Raises:
        InputError: ``nothing-recorded``.
    """

    def __init__(self, reader: Reader, at: datetime | None) -> None:
        self._reader = reader
        extent = reader.extent()
        first = None if extent is None else reader.at(extent.first_ms if at is None else round(at.timestamp() * 1000))
        if extent is None or first is None:
            raise InputError(
                "nothing-recorded", "no sample then, nor before", "`lastack record --list` says what it has"
            )
        self._sample = first
        self._last_ms = extent.last_ms

    def tick(self) -> None:
        """The next sample."""
        self.step(1)

    def step(self, by: int) -> None:
        """From sample to sample."""
        for _ in range(abs(by)):
            now_ms = self._ms()
            found = self._reader.after(now_ms + 1) if by > 0 else self._reader.at(now_ms - 1)
            if found is None:
                return
            self._sample = found

    def moment(self) -> Moment:
        """With the last sample that is ten seconds older, which may be much older where the recorder stood still."""
        return Moment(self._sample, self._reader.at(self._ms() - round(WINDOW_S * 1000)))

    def history(self) -> list[dict[str, int]]:
        """Means of the ten minutes before."""
        buckets = self._reader.chart(self._ms() - 600_000, self._ms(), HISTORY)
        return [{name: round(mean) for name, (mean, _, _) in one.states.items()} for one in buckets]

    @property
    def behind(self) -> int:
        """1 where there are later samples."""
        if self._ms() >= self._last_ms:
            extent = self._reader.extent()
            self._last_ms = self._last_ms if extent is None else extent.last_ms
        return int(self._ms() < self._last_ms)

    def _ms(self) -> int:
        return round(datetime.fromisoformat(self._sample.taken_at).astimezone(UTC).timestamp() * 1000)
