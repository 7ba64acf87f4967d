"""What loads do that do not go on as they are: bursts, days, retries, ports that run out, a NAT that many share.

Time goes in steps. In each, connections come, are given a port or fail, and join those that will close in the same
later step; so a million hosts cost no more than one. All flows are one column of numpy each: a step is a handful of
additions, whatever the numbers. Connections are whole and come at random (Poisson), unless no chance is given: then
their means are counted instead.
"""

from collections.abc import Callable, Sequence
from math import ceil

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from lastack.errors import UsageError
from lastack.forecast.flow import Flow, Limits

__all__ = ["Course", "Demand", "Retries", "simulate"]

Numbers = NDArray[np.float64]

# The share of its mean rate that a flow has at a second: ``lambda second: 3.0 if second < 10 else 1.0``.
Shape = Callable[[float], float]

_SMALLEST = 1e-100

_LARGEST = 200_000_000  # cells of the rings: 8 octets each


class Retries(Struct, frozen=True, kw_only=True):
    """What a failed try leads to.

    Attributes:
        after_s: seconds until it is tried again.
        times: how often, at most.
    """

    after_s: float
    times: int = 1


def _as_it_is(_second: float) -> float:
    return 1.0


class Demand(Struct, frozen=True, kw_only=True):
    """What is wanted, and when.

    Attributes:
        flows: what is wanted, on average.
        shape: how the rates change, as a share of each flow's.
        retries: what a failed try leads to.
    """

    flows: Sequence[Flow]
    shape: Shape = _as_it_is
    retries: Retries | None = None


class Course(Struct, frozen=True):
    """What came of it, one row a step, one column a flow.

    Attributes:
        step_s: seconds of a step.
        tried: connections that were wanted in the step, those tried again included.
        opened: of these, those that came about.
        open: connections that are open at the end of the step.
        waiting: what is remembered of closed ones: TIME_WAIT.
        refused: closes without a TIME_WAIT, for want of buckets.
    """

    step_s: float
    tried: Numbers
    opened: Numbers
    open: Numbers
    waiting: Numbers
    refused: Numbers

    @property
    def failed(self) -> Numbers:
        """Tries that failed."""
        return self.tried - self.opened

    def first_failure_s(self) -> list[float | None]:
        """For each flow when its first try failed: seconds from the start; None: none did."""
        found = self.failed > 0
        return [float(column.argmax()) * self.step_s if column.any() else None for column in np.moveaxis(found, 1, 0)]


def simulate(
    demand: Demand, limits: Limits, seconds: float, *, step_s: float = 1.0, chance: np.random.Generator | None = None
) -> Course:
    """Let time pass, from an empty host on.

    Args:
        demand: what is wanted.
        limits: what the flows share: ``tw_buckets``, and ``conntrack``.
        seconds: how long.
        step_s: seconds of a step: short against what is held.
        chance: where the random numbers come from; None: means instead of draws.

    Raises:
        UsageError: ``bad-load``: no flows, or so many and so short steps that it would take gigabytes.
    """
    flows = demand.flows
    steps = ceil(seconds / step_s) if step_s > 0 else 0
    if not flows or steps < 1:
        raise UsageError("bad-load", "a simulation has a flow, a length, and steps in it")
    if steps * len(flows) * len(Course.__struct_fields__) > _LARGEST:
        raise UsageError("bad-load", f"{steps:,} steps of {len(flows):,} flows are too many", "take longer steps")
    state = _State(demand, limits, step_s)
    columns = [np.zeros((steps, len(flows))) for _ in Course.__struct_fields__[1:]]
    rates = np.array([flow.rate_per_s * step_s for flow in flows])
    for step in range(steps):
        wanted = rates * demand.shape(step * step_s)
        if chance is not None:
            wanted = chance.poisson(wanted).astype(np.float64)
        for column, row in zip(columns, state.advance(step, wanted), strict=True):
            column[step] = row
    return Course(step_s, *columns)


class _Ring:
    """What will happen so many steps from now: one row a step, used again once it is over."""

    def __init__(self, after: NDArray[np.int64]) -> None:
        self._after = after
        self._columns = np.arange(len(after))
        self._rows = np.zeros((int(after.max(initial=0)) + 1, len(after)))
        self._share = np.ones(len(after))  # of what the rows hold: to thin all of them is one multiplication

    def due(self, step: int) -> Numbers:
        """What happens in this step; forgotten with it."""
        row: Numbers = self._rows[step % len(self._rows)]
        happening = row * self._share
        row[:] = 0
        return happening

    def add(self, step: int, counts: Numbers) -> None:
        """Let it happen when it is due, counted from this step."""
        self._rows[(step + self._after) % len(self._rows), self._columns] += counts / self._share

    def thin(self, share: Numbers) -> None:
        """Let only that share of all that is to happen, happen."""
        self._share *= share
        if self._share.min() < _SMALLEST:
            self._rows *= self._share
            self._share[:] = 1


def _ripe_after_s(flow: Flow) -> float:
    """How old a TIME_WAIT is before a new connection may take its place."""
    if flow.role == "passive":
        return flow.wait_s if flow.peer_ports is None else 0.0
    return flow.wait_s if flow.reuse_s is None else min(flow.reuse_s, flow.wait_s)


class _State:
    """The flows between two steps."""

    def __init__(self, demand: Demand, limits: Limits, step_s: float) -> None:
        flows, retries = demand.flows, demand.retries

        def steps(seconds: Sequence[float]) -> NDArray[np.int64]:
            return np.maximum(np.rint(np.array(seconds) / step_s), 1).astype(np.int64)

        self._ports = np.array([np.inf if flow.ports is None else float(flow.ports) for flow in flows])
        pools = [flow.ports if flow.role == "active" else flow.peer_ports for flow in flows]
        self._pool = np.array([np.inf if pool is None else float(pool) for pool in pools])
        self._here = np.array([flow.closes == "here" for flow in flows])
        self._buckets = np.inf if limits.tw_buckets is None or limits.tw_buckets < 0 else float(limits.tw_buckets)
        self._table = np.inf if limits.conntrack is None else float(limits.conntrack)
        self._closing = _Ring(steps([flow.open_s for flow in flows]))
        self._freeing = _Ring(steps([flow.wait_s for flow in flows]))
        self._ripening = _Ring(steps([_ripe_after_s(flow) for flow in flows]))
        self._reuses = np.array([_ripe_after_s(flow) < flow.wait_s for flow in flows])
        self._trying = [_Ring(steps([retries.after_s] * len(flows))) for _ in range(retries.times)] if retries else []
        self._tracking = _Ring(steps([flow.open_s + limits.conntrack_wait_s for flow in flows]))
        self._open = np.zeros(len(flows))
        self._waiting = np.zeros(len(flows))
        self._young = np.zeros(len(flows))  # waiting, and not to be taken over
        self._tracked = 0.0

    def advance(self, step: int, wanted: Numbers) -> tuple[Numbers, ...]:
        """One step: what has had its time ends, then what is wanted comes."""
        self._expire(step)
        refused = self._close(step)
        again = [ring.due(step) for ring in self._trying]
        tried = wanted + sum(again, np.zeros_like(wanted))
        opened = self._admit(tried)
        self._take_over(opened)
        self._open += opened
        self._closing.add(step, opened)
        self._tracked += float(opened.sum())
        self._tracking.add(step, opened)
        self._try_again(step, tried, tried - opened, [wanted, *again])
        return tried, opened, self._open, self._waiting, refused

    def _expire(self, step: int) -> None:
        self._waiting -= self._freeing.due(step)
        self._young -= self._ripening.due(step)
        self._tracked -= float(self._tracking.due(step).sum())

    def _close(self, step: int) -> Numbers:
        """Those whose time has come; gives those that get no TIME_WAIT."""
        closed = self._closing.due(step)
        self._open -= closed
        remembered = np.where(self._here, closed, 0.0)
        room = self._buckets - float(self._waiting.sum())
        total = float(remembered.sum())
        kept = remembered if total <= room else remembered * (max(room, 0.0) / total)
        self._waiting += kept
        self._young += kept
        self._freeing.add(step, kept)
        self._ripening.add(step, kept)
        return remembered - kept

    def _admit(self, tried: Numbers) -> Numbers:
        blocked = np.where(self._reuses, self._young, self._waiting)
        opened = np.minimum(tried, np.maximum(self._ports - self._open - blocked, 0.0))
        total, room = float(opened.sum()), self._table - self._tracked
        return opened if total <= room else opened * (max(room, 0.0) / total)

    def _take_over(self, opened: Numbers) -> None:
        """Whom connect() draws from the half of its ports that it looks through first, if that will do."""
        if not self._reuses.any():
            return
        unfit = self._open + self._young
        half = np.ceil(self._pool / 2)
        drawn_from = np.maximum(np.where(half - unfit >= opened, half, self._pool) - unfit, 1.0)
        ripe = self._waiting - self._young
        taken = np.where(self._reuses, np.minimum(opened * np.clip(ripe / drawn_from, 0.0, 1.0), ripe), 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._freeing.thin(np.where(taken > 0, 1 - taken / self._waiting, 1.0))
        self._waiting -= taken

    def _try_again(self, step: int, tried: Numbers, failed: Numbers, parts: list[Numbers]) -> None:
        """Each failure in the ring of those that have failed as often."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(tried > 0, failed / tried, 0.0)
        for ring, part in zip(self._trying, parts, strict=False):
            ring.add(step, part * share)
