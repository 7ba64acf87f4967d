"""What ``lab try`` found, as the document that ``--json`` prints and the report is made of."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from lastack.lab.experiment.arm import Arm
from lastack.lab.experiment.experiment import Result
from lastack.lab.experiment.judge import Finding
from lastack.lab.experiment.metrics import measure_of
from lastack.lab.experiment.observer import Look

__all__ = ["SCHEMA", "ArmDocument", "Metric", "TryDocument", "document_of", "metrics_of"]

SCHEMA = "lastack.try/1"


class Metric(Struct, frozen=True, kw_only=True):
    """One metric of one arm.

    Attributes:
        baseline: mean without the change.
        changed: mean with it.
        effect: changed / baseline, or changed - baseline, as ``scale`` says.
        ci95: ends of its 95% interval; null: one run of each has none.
        scale: `ratio` or `difference`.
        verdict: `effect`, `perhaps` or `none`.
        detectable: the least effect that would have been called, 0.03 for 3% of a ratio; null: none would.
        noun: what is more or fewer.
        words: a sentence.
    """

    baseline: float
    changed: float
    effect: float
    ci95: tuple[float, float] | None
    scale: str
    verdict: str
    detectable: float | None
    noun: str
    words: str


class ArmDocument(Struct, frozen=True, kw_only=True):
    """One arm.

    Attributes:
        name: of the arm.
        change: setting or knob to value.
        metrics: name to metric, against the baseline; empty for the baseline.
        values: metric to its number in each run.
        looks: of its last run, censuses: seconds, and sockets per state.
    """

    name: str
    change: dict[str, str]
    metrics: dict[str, Metric]
    values: dict[str, list[float]]
    looks: list[Look]


class TryDocument(Struct, frozen=True, kw_only=True):
    """An experiment.

    Attributes:
        schema: `lastack.try/1`.
        taken_at: when it ended; RFC 3339, UTC.
        kernel: release.
        change: of the first arm.
        workload: its name.
        about: what happens in it.
        settings: sysctls of the host in every arm.
        runs: of each arm, without the warm-up.
        seconds: that it took.
        interrupted: whether it was, before its end.
        warnings: what a reader of the numbers must know.
        headline: the metrics to look at first.
        metrics: of the first arm: name to metric.
        arms: all, the baseline first.
    """

    schema: str = SCHEMA
    taken_at: str
    kernel: str
    change: dict[str, str]
    workload: str
    about: str
    settings: dict[str, str | int]
    runs: int
    seconds: float
    interrupted: bool
    warnings: list[str]
    headline: list[str]
    metrics: dict[str, Metric]
    arms: list[ArmDocument]


def document_of(arms: Sequence[Arm], result: Result, towards: str = "") -> list[ArmDocument]:
    """The arms of a result, the baseline first."""
    return [
        ArmDocument(
            name=arm.name,
            change=arm.change,
            metrics=metrics_of(result.findings.get(arm.name, {}), towards),
            values=_values(arm.name, result),
            looks=result.blocks[-1][arm.name].looks if result.blocks else [],
        )
        for arm in arms
    ]


def metrics_of(findings: Mapping[str, Finding], towards: str = "") -> dict[str, Metric]:
    """The metrics of an arm's findings."""
    return {name: _metric(name, finding, towards) for name, finding in findings.items()}


def _values(arm: str, result: Result) -> dict[str, list[float]]:
    runs = [block[arm] for block in result.blocks]
    names = sorted({name for run in runs for name in run.values})
    return {name: [run.values.get(name, 0.0) for run in runs] for name in names}


def _metric(name: str, finding: Finding, towards: str) -> Metric:
    one = finding.difference
    return Metric(
        baseline=one.baseline,
        changed=one.changed,
        effect=one.effect,
        ci95=one.ci95,
        scale=one.scale,
        verdict=finding.verdict,
        detectable=finding.detectable if math.isfinite(finding.detectable) else None,
        noun=measure_of(name, towards).noun,
        words=finding.words,
    )
