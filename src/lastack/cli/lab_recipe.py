"""The article's recipe on this machine's kernel: each of its seven lines alone, all together, and all but one."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from lastack.cli.options import add_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lastack.errors import RefusedError
    from lastack.lab.experiment.experiment import Result
    from lastack.lab.experiment.recipe import Stage

__all__ = ["configure", "run"]

_INTERRUPTED = 130
_RUNS = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Runs the article's recipe under three workloads, in private namespaces of this kernel: each of its seven "
        "lines alone, all together, all but one, and what does better. Says which line did it, and at what price. "
        "Takes about three minutes for each of --runs on an idle machine."
    )
    parser.add_argument("--runs", metavar="N", type=int, default=_RUNS, help=f"runs of each arm ({_RUNS})")
    parser.add_argument("--markdown", action="store_true", help="print a page of Markdown")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Try the recipe."""
    from lastack.lab.experiment.recipe import STAGES, missing_lines  # noqa: PLC0415 - help does without the lab

    start = time.monotonic()
    missing = missing_lines()
    results: list[tuple[Stage, Result]] = []
    for stage in STAGES:
        results.append((stage, _conducted(stage, missing, options.runs)))
        if results[-1][1].interrupted:
            break
    _publish(results, missing, time.monotonic() - start, options)
    return _INTERRUPTED if results[-1][1].interrupted else 0


def _conducted(stage: "Stage", missing: "Mapping[str, RefusedError]", runs: int) -> "Result":
    from msgspec.structs import replace  # noqa: PLC0415 - as above

    from lastack.cli.interrupts import Interrupts  # noqa: PLC0415
    from lastack.cli.lab_progress import TimeLeft  # noqa: PLC0415
    from lastack.lab.experiment.machine import busy_warning  # noqa: PLC0415
    from lastack.lab.experiment.recipe import conduct_recipe  # noqa: PLC0415
    from lastack.lab.experiment.run import perform  # noqa: PLC0415

    busy = busy_warning()
    with Interrupts() as stopped, TimeLeft(sys.stderr, stage.title) as progress:
        result = conduct_recipe(
            stage, missing, runs, lambda arm, workload: perform(arm.name, workload), progress, stopped
        )
    return replace(result, warnings=[*busy, *result.warnings])


def _publish(
    results: "list[tuple[Stage, Result]]",
    missing: "Mapping[str, RefusedError]",
    seconds: float,
    options: argparse.Namespace,
) -> None:
    from msgspec import json  # noqa: PLC0415 - as above

    from lastack.cli.lab_recipe_report import as_markdown, as_text, document_of  # noqa: PLC0415

    document = document_of(results, missing, seconds)
    if options.json:
        sys.stdout.buffer.write(json.encode(document) + b"\n")
        return
    lines = as_markdown(document) if options.markdown else as_text(document)
    sys.stdout.writelines(f"{line}\n" for line in lines)
