"""Runs of a simulated machine: noise of many kinds, and effects of known size planted in it."""

import math
import random
from collections.abc import Callable, Mapping

from lastack.lab.experiment.arm import BASELINE, Arm
from lastack.lab.experiment.experiment import Experiment
from lastack.lab.experiment.observer import Look
from lastack.lab.experiment.run import Run

__all__ = ["CHANGE", "machine", "trial"]

CHANGE = Arm(name="change")


def trial(blocks: int = 10, *others: Arm) -> Experiment:
    """An experiment of that many blocks whose headline is connections a second."""
    return Experiment(arms=[BASELINE, CHANGE, *others], headline=["connections_per_s"], blocks=blocks)


def machine(seed: int, planted: Mapping[str, float] | None = None) -> Callable[[Arm], Run]:
    """What runs an arm; ``planted``: metric to the factor by which the change multiplies it.

    Rates share the ups and downs of a machine that drifts and is slow now and then, latencies have heavy tails, most
    counters are 0 nearly always, some count rare things, and one never moves.
    """
    chance = random.Random(seed)  # noqa: S311 - noise, and to be repeatable
    drift = 1.0

    def run(arm: Arm) -> Run:
        nonlocal drift
        drift *= math.exp(chance.gauss(0, 0.02))
        pace = drift * math.exp(chance.gauss(0, 0.05)) * (0.7 if chance.random() < 0.1 else 1.0)
        values = {
            "connections_per_s": 1000 * pace,
            "answered_per_s": 990 * pace * math.exp(chance.gauss(0, 0.01)),
            "connect_median_us": 50 / pace * math.exp(chance.gauss(0, 0.05)),
            "connect_p99_us": 300 / pace * math.exp(chance.gauss(0, 0.4)),
            "failed": float(chance.random() < 0.2),
            "resets": _poisson(chance, 3),
            "ports_in_use": 2000.0,
            "memory_bytes": 4096.0 * (125 + _poisson(chance, 2)),
            "end.TIME_WAIT": round(4000 * pace),
            "end.FIN_WAIT1": _poisson(chance, 0.3),
            "peak.SYN_RECV": _poisson(chance, 10),
            "peak.ESTABLISHED": _poisson(chance, 100),
            **{f"counter.TcpExt.Rare{at}": float(chance.random() < 0.05) for at in range(8)},
            **{f"counter.TcpExt.Busy{at}": round(10_000 * pace) + _poisson(chance, 20) for at in range(6)},
        }
        if arm.name == CHANGE.name:
            values |= {name: values[name] * factor for name, factor in (planted or {}).items()}
        return Run(arm=arm.name, values=values, looks=[Look(0.0, {"TIME_WAIT": 1})])

    return run


def _poisson(chance: random.Random, mean: float) -> float:
    """Knuth's method."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return float(count)
