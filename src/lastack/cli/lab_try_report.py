"""An experiment as text, and the list of workloads."""

import textwrap
from collections.abc import Iterator

from lastack.cli.draw import columns, plain
from lastack.lab.experiment.document import ArmDocument, Metric, TryDocument
from lastack.lab.experiment.wording import amount
from lastack.lab.workloads.table import WORKLOADS
from lastack.lab.workloads.workload import KNOBS

__all__ = ["as_text", "catalogue"]

_WIDTH = 100


def as_text(document: TryDocument) -> Iterator[str]:
    """The lines."""
    runs = f"{document.runs} run{'' if document.runs == 1 else 's'} of each"
    yield f"{plain(document.workload)}: {plain(document.about)}"
    yield f"{runs} after a warm-up, in random order, {document.seconds:,.0f} s, Linux {document.kernel}"
    if document.interrupted:
        yield "INTERRUPTED: what follows is of the runs that were complete by then."
    if not document.runs:
        yield "Nothing to compare: not one run of each was complete."
        return
    for arm in document.arms[1:]:
        yield ""
        yield from _arm(arm, document)
    for warning in document.warnings:
        yield f"WARNING {plain(warning)}"


def _arm(arm: ArmDocument, document: TryDocument) -> Iterator[str]:
    yield f"{plain(arm.name)}"
    headline = [name for name in document.headline if name in arm.metrics]
    for name in headline:
        metric = arm.metrics[name]
        says_what = metric.verdict != "none"
        yield f"  {metric.words}" if says_what else f"  {metric.noun}: {metric.words}"
    shown = [*headline, *(name for name in arm.metrics if arm.metrics[name].verdict != "none" and name not in headline)]
    rows: list[tuple[str, ...]] = [("metric", "baseline", "changed", "effect", "95% interval", "")]
    rows += [_row(name, arm.metrics[name]) for name in shown]
    yield from (f"  {line}" for line in columns(rows))
    rest = len(arm.metrics) - len(shown)
    if rest:
        yield f"  no effect seen in {rest} other metrics"


def _row(name: str, metric: Metric) -> tuple[str, ...]:
    is_ratio = metric.scale == "ratio"
    low, high = metric.ci95 or (float("nan"), float("nan"))
    interval = f"[{_number(low)}, {_number(high)}]" if metric.ci95 else "-"
    effect = f"x {_number(metric.effect)}" if is_ratio else f"{metric.effect:+,.6g}"
    mark = {"effect": "", "perhaps": "perhaps", "none": "none seen"}[metric.verdict]
    return plain(name), amount(metric.baseline), amount(metric.changed), effect, interval, mark


def _number(number: float) -> str:
    if abs(number) >= 100:
        return amount(number)
    return f"{number:.2f}" if abs(number) >= 0.1 or not number else f"{number:.2g}"


def catalogue() -> Iterator[str]:
    """Workloads and knobs."""
    for name, workload in WORKLOADS.items():
        yield f"{name} ({workload.kind})"
        yield from textwrap.wrap(workload.about, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    yield ""
    yield "Knobs:"
    for name, knob in KNOBS.items():
        yield from textwrap.wrap(f"{name}: {knob.meaning}", _WIDTH, initial_indent="  ", subsequent_indent="      ")
