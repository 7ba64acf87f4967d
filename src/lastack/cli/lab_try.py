"""An experiment on this machine's kernel: the same load with a change and without, and what may be said of it."""

import argparse
import sys
import time
from typing import TYPE_CHECKING

from lastack.cli.options import add_json
from lastack.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lastack.lab.experiment.arm import Arm
    from lastack.lab.experiment.document import TryDocument
    from lastack.lab.experiment.experiment import Result
    from lastack.lab.workloads.workload import Workload

__all__ = ["configure", "run"]

_INTERRUPTED = 130
_RUNS = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Runs a workload with and without a change, in turns, in private namespaces of this kernel, and says what the "
        "change does: how much, how sure, or how large an effect would have had to be to be seen."
    )
    add = parser.add_argument
    add(
        "change",
        metavar="K=V",
        nargs="*",
        help="a setting such as tcp_tw_reuse=1, or a knob of the workload such as upstream.keepalive=32",
    )
    add(
        "--workload",
        metavar="NAME|FILE.toml[:NAME]",
        help="what the host goes through (one-destination); --list-workloads says what there is",
    )
    add("--list-workloads", action="store_true", help="list the workloads and the knobs, and end")
    add(
        "--runs",
        metavar="N",
        type=int,
        default=_RUNS,
        help=f"runs of each, at most ({_RUNS}); 5 is the least to judge by",
    )
    add(
        "--arm",
        metavar="K=V,...",
        dest="arms",
        action="append",
        default=[],
        help="one more change, tried beside; may be repeated",
    )
    add("--from", metavar="SNAPSHOT", dest="source", help="rates, closers, destinations and settings of a real host")
    add("-o", metavar="FILE", dest="report", help="also write a report with plots: one HTML file")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Try it."""
    if options.list_workloads:
        from lastack.cli.lab_try_report import catalogue  # noqa: PLC0415 - help does without the lab

        sys.stdout.writelines(f"{line}\n" for line in catalogue())
        return 0
    arms = _arms(options)
    from lastack.cli.lab_workload import chosen  # noqa: PLC0415 - as above

    name, workload = chosen(options.workload, options.source)
    _refuse_what_cannot_be(arms, workload)
    start = time.monotonic()
    result = _conducted(arms, workload, options.runs)
    document = _document(name, workload, arms, result, time.monotonic() - start)
    _publish(document, options)
    return _INTERRUPTED if result.interrupted else 0


def _arms(options: argparse.Namespace) -> "list[Arm]":
    from lastack.lab.experiment.arm import BASELINE, parse_arm  # noqa: PLC0415 - as above

    if options.runs < 1:
        raise UsageError("options-clash", "--runs takes a number from 1")
    changes = [options.change] if options.change else []
    arms = [BASELINE, *(parse_arm(change) for change in [*changes, *(_split(arm) for arm in options.arms)])]
    if len(arms) == 1:
        raise UsageError("bad-change", "say what to try", "such as lastack lab try tcp_tw_reuse=1")
    if len({arm.name for arm in arms}) < len(arms):
        raise UsageError("bad-change", "two arms are the same")
    return arms


def _split(text: str) -> list[str]:
    """``K=V,K=V``; a comma in a value, as of a list of ports, is followed by no ``=``."""
    parts: list[str] = []
    for part in text.split(","):
        if "=" in part or not parts:
            parts.append(part)
        else:
            parts[-1] += f",{part}"
    return parts


def _refuse_what_cannot_be(arms: "Sequence[Arm]", workload: "Workload") -> None:
    """Say at once, rather than in the middle, that a setting does not exist or a value is refused."""
    from lastack.lab.experiment.run import obstacles  # noqa: PLC0415 - as above

    for error in obstacles([arm.applied_to(workload) for arm in arms]):
        if error is not None:
            raise error


def _conducted(arms: "Sequence[Arm]", workload: "Workload", runs: int) -> "Result":
    from msgspec.structs import replace  # noqa: PLC0415 - as above

    from lastack.cli.interrupts import Interrupts  # noqa: PLC0415
    from lastack.cli.lab_progress import TimeLeft  # noqa: PLC0415
    from lastack.lab.experiment.experiment import Experiment, conduct  # noqa: PLC0415
    from lastack.lab.experiment.machine import busy_warning  # noqa: PLC0415
    from lastack.lab.experiment.run import perform  # noqa: PLC0415

    busy = busy_warning()
    experiment = Experiment(arms=arms, headline=workload.headline, blocks=runs, towards=workload.towards)
    with Interrupts() as stopped, TimeLeft(sys.stderr) as progress:
        result = conduct(experiment, lambda arm: perform(arm.name, arm.applied_to(workload)), progress, stopped)
    return replace(result, warnings=[*busy, *result.warnings])


def _document(
    name: str, workload: "Workload", arms: "Sequence[Arm]", result: "Result", seconds: float
) -> "TryDocument":
    from lastack.kernel.host import read_host  # noqa: PLC0415 - as above
    from lastack.lab.experiment.document import TryDocument, document_of  # noqa: PLC0415

    host = read_host()
    documents = document_of(arms, result, workload.towards)
    return TryDocument(
        taken_at=host.taken_at,
        kernel=host.kernel,
        change=arms[1].change,
        workload=name,
        about=workload.about,
        settings=workload.settings,
        runs=len(result.blocks),
        seconds=round(seconds, 1),
        interrupted=result.interrupted,
        warnings=result.warnings,
        headline=workload.headline,
        metrics=documents[1].metrics,
        arms=documents,
    )


def _publish(document: "TryDocument", options: argparse.Namespace) -> None:
    from msgspec import json  # noqa: PLC0415 - as above

    from lastack.cli.lab_try_report import as_text  # noqa: PLC0415

    if options.report:
        from lastack.cli.writing import write  # noqa: PLC0415 - as above
        from lastack.report.experiment import page_of_experiment  # noqa: PLC0415

        write(options.report, page_of_experiment(document).encode())
    if options.json:
        sys.stdout.buffer.write(json.encode(document) + b"\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in as_text(document))
    if options.report and options.report != "-":
        sys.stderr.write(f"lastack: the report is in {options.report}\n")
