"""A live trace: tracepoints watched, their samples decoded, assembled, told."""

import time
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.errors import RefusedError
from lastack.kernel.namespaces import enter
from lastack.kernel.perf_probe import silent_cpus
from lastack.kernel.perf_watch import Watch
from lastack.kernel.tracepoints import Tracepoint, find_tracefs, read_tracepoint
from lastack.kernel.tracepoints_filter import Wanted, condition
from lastack.live.assembly import Assembly
from lastack.live.diag import Diag
from lastack.live.members import DESTROY, Members
from lastack.live.rows import KINDS, STATES, decode, join
from lastack.live.telling import Teller
from lastack.live.wanted import Filter
from lastack.tcp.bundle import Bundle

__all__ = ["Session"]


_HEARD_EVERY_S = 0.05


class Session:
    """A trace of the machine, or of one network namespace; a context manager.

    Args:
        wanted: which connections.
        netns: the namespace, as for ``lastack.kernel.namespaces.locate``; None: all of them.
        names: whether processes are to be named, and TIME_WAITs that were taken over.

    Attributes:
        addresses: what the bundles' endpoints stand for.
        absent: tracepoints that this kernel does not have.
        silent: CPUs of which it keeps a part to itself (``lastack.kernel.perf_probe``).

    Raises:
        RefusedError: ``no-tracefs``, ``tracefs-forbidden``, ``no-tracepoint``, ``perf-forbidden``, ``no-perf``,
            ``filter-refused``, ``sock-diag-refused``, and those of ``lastack.kernel.namespaces.enter``.
    """

    def __init__(self, wanted: Wanted, netns: str | None = None, *, names: bool = True) -> None:
        self.addresses = Addresses()
        found = _find((*KINDS, DESTROY) if netns else KINDS)
        self.absent = sorted(KINDS.keys() - {tracepoint.name for tracepoint in found})
        self.silent = silent_cpus()
        self._filter = Filter(wanted, self.addresses.numbered)
        # A socket that is destroyed may have forgotten its endpoints.
        conditions = ["" if point.name == DESTROY else condition(point, wanted) for point in found]
        self._watch = Watch(list(zip(found, conditions, strict=True)))
        try:
            self._diag, self._members = self._ask(netns)
        except BaseException:
            self._watch.close()
            raise
        self._assembly = Assembly(
            self._diag.half_closed, self._members.known if self._members else None, filtered=bool(self._filter)
        )
        reasons = {number: word for point in found for number, word in point.symbols.get("reason", {}).items()}
        label = self._watch.names.label if names else None
        self._teller = Teller(reasons, label, time.time_ns() - time.monotonic_ns())

    def _ask(self, netns: str | None) -> tuple[Diag, Members | None]:
        if netns is None:
            return Diag(self.addresses.numbered), None
        with enter(netns):
            diag = Diag(self.addresses.numbered)
            return diag, Members(diag, self._watch.names.network)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.close()
        self._diag.close()
        if self._members:
            self._members.close()

    def wait(self, seconds: float) -> None:
        """Until there is much to read, at most so long."""
        if not self._members:
            self._watch.wait(seconds)
            return
        end = time.monotonic() + seconds
        # The kernel keeps less of what a namespace tells.
        while not self._watch.wait(min(max(end - time.monotonic(), 0), _HEARD_EVERY_S)) and time.monotonic() < end:
            self._members.drain()

    def bundles(self, *, ending: bool = False, kept: Sequence[NDArray[np.uint64]] = ()) -> Iterator[Bundle]:
        """The connections that are over by now.

        Args:
            ending: those too that are not.
            kept: endpoints of earlier ones whose addresses are still to be asked for.
        """
        portion = self._watch.take()
        if self._members:
            self._members.hear(one for one in portion.samples if one[0].name == DESTROY)
            if ending:
                self._members.settle()
                self._members.look()
        self._sweep(kept)
        parts = [
            decode(tracepoint, run, self.addresses.numbered)
            for tracepoint, run in portion.samples
            if tracepoint.name in KINDS
        ]
        rows = self._filter.rows(join(parts))
        rows = rows.take(rows.time >= self._watch.since)
        yield from self._teller.bundles(self._assembly.add(rows, portion.until, ending=ending))

    def _sweep(self, kept: Sequence[NDArray[np.uint64]]) -> None:
        """Forget addresses that nothing speaks of any more."""
        if self.addresses.is_worth_sweeping:
            waiting = self._assembly.waiting
            self.addresses.sweep([waiting.local, waiting.remote, *kept])

    @property
    def lost(self) -> int:
        """Events that the kernel had no room for; of the namespace's own messages it says only how often."""
        return self._watch.lost() + (self._members.overruns if self._members else 0)

    @property
    def strays(self) -> int:
        """Events that fitted no connection."""
        return self._assembly.strays


def _find(names: Iterable[str]) -> list[Tracepoint]:
    tracefs = find_tracefs()
    found = [tracepoint for name in names if (tracepoint := read_tracepoint(name, tracefs))]
    needed = {STATES: "newstate", DESTROY: "sock_cookie"}
    has = {tracepoint.name for tracepoint in found if needed.get(tracepoint.name, "skaddr") in tracepoint.fields}
    for name in needed.keys() & set(names) - has:
        raise RefusedError(
            "no-tracepoint",
            f"this kernel has no tracepoint {name} that tells enough; Linux has since 4.19",
            "`lastack trace --ends` does without",
        )
    return found
