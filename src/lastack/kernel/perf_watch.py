"""Watching tracepoints on all CPUs at once, in portions that no event is missing from.

CPUs write side by side, so a record may become visible after a later one of another CPU. But what happens to one socket
happens under its lock, one thing after the other. So a moment is noted, and then all rings are read: of what happened
before that moment, nothing is missing. What is younger waits for the next portion (``lastack.live.assembly``).
"""

import resource
import select
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

from lastack.errors import RefusedError
from lastack.kernel.perf import RECORD_SAMPLE, Ring, open_names, open_tracepoint
from lastack.kernel.perf_names import Names
from lastack.kernel.perf_records import RECORD_LOST, Run, lost_in, runs
from lastack.kernel.procfile import malformed, read_file
from lastack.kernel.tracepoints import Tracepoint

__all__ = ["Portion", "Watch", "online", "open_ring"]

# Memory of the busiest tracepoint's rings, of all CPUs together: two seconds of 300,000 records. The others get a part.
# Whom the kernel locks less memory for gets a part of that.
_MEMORIES = (1 << 26, 1 << 24, 1 << 22, 1 << 20, 1 << 18)
_LEAST, _MOST = 1 << 13, 1 << 25
_PART = 8
_NAMES_PART = 32
_FILES = 64  # that we may have open besides


class Portion(NamedTuple):
    """What lay in the rings.

    Attributes:
        until: CLOCK_MONOTONIC in nanoseconds; of what came before that moment, everything is here or was before.
        samples: runs of samples, each with the tracepoint that they are of.
    """

    until: int
    samples: list[tuple[Tracepoint, Run]]


class Watch:
    """A watch over tracepoints; a context manager.

    Args:
        tracepoints: what to watch, the busiest first, each with what the kernel is to let through of it
            (``lastack.kernel.tracepoints_filter``).
        cpus: on which CPUs; those online.

    Attributes:
        names: the processes that the samples speak of.
        since: CLOCK_MONOTONIC in nanoseconds; from then on everything is seen.

    Raises:
        RefusedError: ``perf-forbidden``, ``no-perf``, ``filter-refused``, ``ring-memory``.
    """

    def __init__(self, tracepoints: Sequence[tuple[Tracepoint, str]], cpus: Sequence[int] | None = None) -> None:
        cpus = online() if cpus is None else cpus
        _allow_files(len(cpus) * (len(tracepoints) + 1) + _FILES)
        self.names = Names()
        self._rings: list[tuple[Tracepoint, Ring]] = []
        self._births: list[Ring] = []
        self._told_lost = 0
        for memory in _MEMORIES:
            try:
                self._open(tracepoints, cpus, min(max(memory // _power(len(cpus)), _LEAST), _MOST))
                break
            except BaseException as error:
                self.close()
                if not isinstance(error, RefusedError) or error.slug != "ring-memory" or memory == _MEMORIES[-1]:
                    raise
        for ring in self._all():
            ring.enable()
        self.since = time.monotonic_ns()
        self._poll = select.poll()
        for _, ring in self._rings:
            self._poll.register(ring.file, select.POLLIN)

    def _open(self, tracepoints: Sequence[tuple[Tracepoint, str]], cpus: Sequence[int], size: int) -> None:
        """Rings of one size for the busiest tracepoint, and smaller ones for the others."""
        for place, (tracepoint, condition) in enumerate(tracepoints):
            share = size if place == 0 else max(size // _PART, _LEAST)
            for cpu in cpus:
                self._rings.append((tracepoint, open_ring(tracepoint, condition, cpu, share)))
        share = max(size // _NAMES_PART, _LEAST)
        for cpu in cpus:
            self._births.append(Ring(open_names(cpu, share // 2), share))

    def _all(self) -> list[Ring]:
        return [ring for _, ring in self._rings] + self._births

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self, seconds: float) -> bool:
        """Until an eighth of a ring is full, at most so long. Whether it is."""
        return bool(self._poll.poll(seconds * 1000))

    def take(self) -> Portion:
        """Everything that happened up to now."""
        until = time.monotonic_ns()
        samples = []
        for tracepoint, ring in self._rings:
            for run in runs(ring.take()):
                if run.kind == RECORD_SAMPLE:
                    samples.append((tracepoint, run))
                elif run.kind == RECORD_LOST:
                    self._told_lost += lost_in(run)
        self.names.hear(run for ring in self._births for run in runs(ring.take()))
        return Portion(until, samples)

    def lost(self) -> int:
        """How many samples the kernel had no room for."""
        counts = [ring.lost() for _, ring in self._rings]
        return self._told_lost if None in counts else sum(count for count in counts if count)

    def close(self) -> None:
        """End it."""
        for ring in self._all():
            ring.close()
        self._rings, self._births = [], []


def open_ring(tracepoint: Tracepoint, condition: str, cpu: int, size: int) -> Ring:
    """A ring of so many bytes, a power of two, for what meets the condition on a CPU; it is disabled yet.

    Raises:
        RefusedError: ``perf-forbidden``, ``no-perf``, ``filter-refused``, ``ring-memory``.
    """
    ring = Ring(open_tracepoint(tracepoint.number, cpu, size // 8), size)
    if condition:
        try:
            ring.filter(condition)
        except RefusedError:
            ring.close()
            raise
    return ring


def _power(number: int) -> int:
    """The next power of two."""
    return 1 << (number - 1).bit_length()


def _allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, hard), hard))


def online(path: str = "/sys/devices/system/cpu/online") -> list[int]:
    """The CPUs that run: numbers out of ``0-3,6``.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    text = (read_file(path) or b"").decode("ascii", "replace").strip()
    try:
        ends = [[int(number) for number in part.split("-")] for part in text.split(",")]
    except ValueError:
        raise malformed(path, 1, text, "numbers and ranges of CPUs") from None
    return [cpu for part in ends for cpu in range(part[0], part[-1] + 1)]
