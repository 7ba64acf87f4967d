"""What became of the recipe, as a document, as text and as a page."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from lastack.cli.draw import columns
from lastack.errors import RefusedError
from lastack.kernel.host import read_host
from lastack.lab.article import AFTER, BEFORE
from lastack.lab.experiment.credit import better, credit
from lastack.lab.experiment.document import Metric, metrics_of
from lastack.lab.experiment.experiment import Result
from lastack.lab.experiment.metrics import measure_of
from lastack.lab.experiment.recipe import ALL, Stage
from lastack.lab.experiment.wording import amount

__all__ = ["SCHEMA", "RecipeDocument", "StageDocument", "as_markdown", "as_text", "document_of"]

SCHEMA = "lastack.recipe/1"
_WIDTH = 100


class StageDocument(Struct, frozen=True, kw_only=True):
    """One workload.

    Attributes:
        title: of it.
        about: what happens.
        runs: of each arm.
        arms: arm to metric to its mean; the first is the baseline.
        metrics: arm to metric to what is known of it against the baseline.
        conclusions: which line did it, and at what price, a sentence each.
        most_time_wait: the article's 682, or as much of it as the load is of a whole one.
        better: arms with no more TIME_WAIT than that, no failed request and no reset.
        warnings: what a reader of the numbers must know.
    """

    title: str
    about: str
    runs: int
    arms: dict[str, dict[str, float]]
    metrics: dict[str, dict[str, Metric]]
    conclusions: list[str]
    most_time_wait: int
    better: list[str]
    warnings: list[str]


class RecipeDocument(Struct, frozen=True, kw_only=True):
    """The recipe on this kernel.

    Attributes:
        schema: `lastack.recipe/1`.
        taken_at: when it ended; RFC 3339, UTC.
        kernel: release.
        seconds: that it took.
        interrupted: whether it was, before its end.
        missing: setting to why this kernel has none of it.
        census: state to what the article had before and after, and the most that was here, without and with all
            lines that there are.
        stages: the workloads.
    """

    schema: str = SCHEMA
    taken_at: str
    kernel: str
    seconds: float
    interrupted: bool
    missing: dict[str, str]
    census: dict[str, list[int]]
    stages: list[StageDocument]


def document_of(
    results: Sequence[tuple[Stage, Result]], missing: Mapping[str, RefusedError], seconds: float
) -> RecipeDocument:
    """The document of the stages that were done."""
    host = read_host()
    return RecipeDocument(
        taken_at=host.taken_at,
        kernel=host.kernel,
        seconds=round(seconds, 1),
        interrupted=any(result.interrupted for _, result in results),
        missing={key: error.message for key, error in missing.items()},
        census=_census(results[0][1]),
        stages=[_stage(stage, result, missing) for stage, result in results],
    )


def _stage(stage: Stage, result: Result, missing: Mapping[str, RefusedError]) -> StageDocument:
    arms = list(result.blocks[0]) if result.blocks else []
    order = {name: at for at, name in enumerate(["baseline", *result.findings])}
    return StageDocument(
        title=stage.title,
        about=stage.workload.about,
        runs=len(result.blocks),
        arms={
            arm: {
                name: sum(block[arm].values[name] for block in result.blocks) / len(result.blocks)
                for name in stage.columns
            }
            for arm in sorted(arms, key=lambda arm: order[arm])
        },
        metrics={arm: metrics_of(found) for arm, found in result.findings.items()},
        conclusions=list(credit(stage, result, missing)) if result.blocks else [],
        most_time_wait=stage.most_time_wait,
        better=better(stage, result),
        warnings=result.warnings,
    )


def _census(result: Result) -> dict[str, list[int]]:
    if not result.blocks:
        return {}
    peaks = [
        {state: max(look.states.get(state, 0) for look in result.blocks[-1][arm].looks) for state in BEFORE}
        for arm in ("baseline", ALL)
    ]
    return {state: [BEFORE[state], AFTER[state], *(peak[state] for peak in peaks)] for state in BEFORE}


def as_text(document: RecipeDocument) -> Iterator[str]:
    """The lines."""
    yield f"The article's recipe on Linux {document.kernel}: {document.seconds / 60:.1f} min"
    if document.interrupted:
        yield "INTERRUPTED: what follows is of the runs that were complete by then."
    for key, why in document.missing.items():
        yield f"{key}: left out of every arm: {why}"
    for stage in document.stages:
        yield ""
        yield f"{stage.title.upper()}: {stage.runs} runs of each arm"
        yield from textwrap.wrap(stage.about, _WIDTH)
        yield from (f"  {line}" for line in columns(_rows(stage))) if stage.arms else ()
        for conclusion in stage.conclusions:
            yield from textwrap.wrap(conclusion, _WIDTH)
        if stage.better:
            yield f"At most {stage.most_time_wait} TIME_WAIT, no failed request, no reset: {'; '.join(stage.better)}"
        yield from (f"WARNING {warning}" for warning in stage.warnings)
    if document.census:
        yield ""
        yield "THE ARTICLE'S TABLES, and the most of each state that this kernel had under the web server's load"
        yield from (f"  {line}" for line in columns(_census_rows(document)))


def _rows(stage: StageDocument) -> list[tuple[str, ...]]:
    """The table of a stage; ``*`` marks effects."""
    names = list(next(iter(stage.arms.values())))
    rows: list[tuple[str, ...]] = [("", *(measure_of(name).noun for name in names))]
    for arm, values in stage.arms.items():
        found = stage.metrics.get(arm, {})
        marks = {name for name in names if name in found and found[name].verdict == "effect"}
        rows.append((arm, *(f"{amount(round(values[name]))}{'*' if name in marks else ' '}" for name in names)))
    return rows


def _census_rows(document: RecipeDocument) -> list[tuple[str, ...]]:
    head = ("", "article before", "article after", "here before", "here after")
    return [head, *((state, *(f"{count:,}" for count in counts)) for state, counts in document.census.items())]


def as_markdown(document: RecipeDocument) -> Iterator[str]:
    """A page."""
    yield "# The recipe, line by line"
    yield ""
    yield (
        f"One run of `lastack lab recipe` on Linux {document.kernel.partition('-')[0]}, "
        f"{document.taken_at[:10]}, {document.seconds / 60:.1f} minutes; made by `make proof`. How it measures: "
        "[how the lab measures](explanation/how-the-lab-measures.md). `*` marks what is called an effect."
    )
    yield ""
    for key, why in document.missing.items():
        yield f"`{key}` is left out of every arm: {why}."
    for stage in document.stages:
        yield ""
        yield f"## {stage.title}"
        yield ""
        yield f"{stage.about} {stage.runs} runs of each arm."
        yield ""
        yield from _table(_rows(stage)) if stage.arms else ()
        yield ""
        yield from (f"- {conclusion}" for conclusion in stage.conclusions)
        if stage.better:
            yield f"- At most {stage.most_time_wait} TIME_WAIT, no failed request, no reset: {'; '.join(stage.better)}."
    if document.census:
        yield ""
        yield "## The article's tables"
        yield ""
        yield "The most sockets of each state that this kernel had under the web server's load, beside the article's."
        yield ""
        yield from _table(_census_rows(document))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    head, *body = rows
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' ---: |' * (len(head) - 1)}"
    yield from (f"| {' | '.join(cell.strip() for cell in row)} |" for row in body)
