"""One run of one arm: a fresh host, its settings, the load, and what was measured."""

import os
from collections.abc import Iterable
from contextlib import ExitStack

from msgspec import Struct

from lastack.errors import RefusedError
from lastack.kernel.counters import read_counters
from lastack.kernel.sysctl import read_settings
from lastack.lab.experiment.metrics import values_of
from lastack.lab.experiment.observer import Look, Observer, Seen
from lastack.lab.lab import Lab
from lastack.lab.worker import Worker
from lastack.lab.workloads.stage import CLIENTS, started
from lastack.lab.workloads.workload import Workload
from lastack.settings.names import LIFECYCLE

__all__ = ["Run", "lab_defaults", "obstacles", "perform"]

_LOOK_EVERY_S = 0.1


class Run(Struct, frozen=True, kw_only=True):
    """What one run gave.

    Attributes:
        arm: its name.
        values: metric to number.
        looks: the censuses on the way.
        failed: requests without an answer, by the name of their errno.
        behind: whether the load fell short of the rate that it was to have.
    """

    arm: str
    values: dict[str, float]
    looks: list[Look]
    behind: bool = False


def perform(arm: str, workload: Workload) -> Run:
    """Run a workload once, with all its settings, in a lab of its own.

    Raises:
        RefusedError: ``no-such-setting``, ``setting-refused``, ``no-program``, and what a lab raises.
    """
    with Lab(CLIENTS[workload.kind]) as lab, ExitStack() as programs:
        lab.server.set(workload.settings)
        observer = Worker(lab.server, Observer)
        programs.callback(observer.close)
        observer.ask("begin")
        play = started(lab, workload.kind, workload.knobs)
        programs.callback(play.close)
        while not play.is_done(_LOOK_EVERY_S):
            observer.ask("look")
        outcome = play.outcome()
        seen: Seen = observer.ask("finish")
        resets = sum(client.call(_resets) for client in lab.clients)
    return Run(arm=arm, values=values_of(outcome, seen, resets), looks=seen.looks, behind=outcome.is_behind)


def obstacles(workloads: Iterable[Workload]) -> list[RefusedError | None]:
    """For each workload why its settings cannot be, as a lab's kernel says; None: they can."""
    found: list[RefusedError | None] = []
    with Lab() as lab:
        for workload in workloads:
            try:
                lab.server.set(workload.settings)
            except RefusedError as error:
                found.append(error)
            else:
                found.append(None)
    return found


def lab_defaults() -> dict[str, str]:
    """The settings of a fresh lab that can be written there."""
    with Lab() as lab:
        return lab.server.call(_writable)


def _writable() -> dict[str, str]:
    values = read_settings(LIFECYCLE)[0]
    return {name: value for name, value in values.items() if os.access(f"/proc/sys/{name.replace('.', '/')}", os.W_OK)}


def _resets() -> int:
    return read_counters()["Tcp"]["OutRsts"]
