"""The workers that make and hold the sockets of one line."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lastack.errors import RefusedError
from lastack.lab.addresses import ANY
from lastack.lab.cohorts import Cohort, recipe_of
from lastack.lab.line import Line
from lastack.lab.population import Part, Population, files_per_process
from lastack.lab.ports import Ports
from lastack.lab.worker import Worker

__all__ = ["Crew"]

_IN_FLIGHT = 256  # files that connections take on their way through a worker
_LARGEST_PART = 20_000
_FRESH_S = 35  # TIME_WAIT lasts 60 s, and to renew many takes some
_WORTH_SHARING = 2000
_PROCESSORS = min(4, len(os.sched_getaffinity(0)))


class Crew:
    """Spreads cohorts over as many workers as the limit of files per process asks for."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._workers: list[Worker] = []
        self._room: list[int] = []
        self._ports = Ports()

    def make(self, cohorts: Sequence[Cohort], progress: Callable[[int], None]) -> None:
        """Make cohorts, in their order; all connections are open before the first is cut.

        Args:
            cohorts: what to make.
            progress: told each time that so many sockets more are there, or wait for their cut.
        """
        self._ports.spare(cohorts)
        fresh_until = time.monotonic() + _FRESH_S
        parts = [part for cohort in cohorts for part in self._parts(cohort)]
        self._line.give([part.cohort.local for _, part in parts], [part.cohort.remote for _, part in parts])
        for worker, part in parts:
            self._prepare(worker, part)
            progress(part.cohort.count)
            if time.monotonic() > fresh_until:  # the first TIME_WAIT must not end before the last has begun
                self.refresh()
                fresh_until = time.monotonic() + _FRESH_S
        for step in ("finish", "settle"):
            for worker in self._workers:
                worker.ask(step)
        self._room = [files_per_process() - worker.ask("held") for worker in self._workers]

    def _prepare(self, worker: Worker, part: Part) -> None:
        """Have it prepared; by a worker for each processor where there are many connections that need no files."""
        if recipe_of(part.cohort).peak or part.cohort.count < _WORTH_SHARING:
            worker.ask("prepare", part)
            return
        while len(self._workers) < _PROCESSORS:
            self._hire()
        workers = self._workers[:_PROCESSORS]
        shares = [_share(part, number) for number in range(_PROCESSORS)]
        for each, share in zip(workers, shares, strict=True):  # one after the other: their order is the doors'
            each.ask("open_door", share, _PROCESSORS)
        for each, share in zip(workers, shares, strict=True):
            each.post("prepare", share)
        _await(workers)

    def refresh(self) -> None:
        """Let each TIME_WAIT begin its minute anew."""
        for worker in self._workers:
            worker.post("refresh")
        _await(self._workers)

    def _parts(self, cohort: Cohort) -> Iterator[tuple[Worker, Part]]:
        """The shares of a cohort, each with a worker that has room for it."""
        made = 0
        peak = recipe_of(cohort).peak
        while made < cohort.count:
            count = min(cohort.count - made, self._room_for(peak), _LARGEST_PART)
            self._room[-1] -= count * peak
            yield self._workers[-1], self._part(cohort, made, count)
            made += count

    def _room_for(self, peak: int) -> int:
        """How many sockets that take ``peak`` files each the last worker has room for; a new one if it has none."""
        if not self._room or self._room[-1] < _IN_FLIGHT + peak:
            files = files_per_process()
            if files < 2 * _IN_FLIGHT:
                hint = "raise the hard limit of RLIMIT_NOFILE (ulimit -Hn) to 20000"
                raise RefusedError("lab-limit", f"a process may have {files} sockets here, too few for a lab", hint)
            self._hire()
        return (self._room[-1] - _IN_FLIGHT) // peak if peak else _LARGEST_PART

    def _hire(self) -> None:
        self._workers.append(self._line.worker(Population))
        self._room.append(files_per_process())

    def _part(self, cohort: Cohort, first: int, count: int) -> Part:
        """``count`` sockets of a cohort, from number ``first``, with their addresses and ports."""
        if cohort.state == "LISTEN":
            ports = range(cohort.port + first, cohort.port + first + count)
            return Part(replace(cohort, count=count, port=ports[0], local=cohort.local or ANY[cohort.family]), ports)
        local = cohort.local or self._line.link.server(cohort.family)
        remote = cohort.remote or self._line.own_address(cohort.family)
        source, target = (local, remote) if cohort.server_opens else (remote, local)
        numbers = self._ports.take(source, target, cohort.port, count)
        return Part(replace(cohort, count=count, local=local, remote=remote), numbers)


def _await(workers: Sequence[Worker]) -> None:
    """Wait for what was posted to each; the first error is raised when all have answered."""
    errors = []
    for worker in workers:
        try:
            worker.result()
        except RefusedError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _share(part: Part, number: int) -> Part:
    """What comes in by door ``number`` of as many as there are processors."""
    ports = [port for port in part.ports if port % _PROCESSORS == number]
    return Part(replace(part.cohort, count=len(ports)), ports)
