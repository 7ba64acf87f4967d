"""Say whether this host's TCP is in trouble, why, and what would fix it.

Each finding comes with its evidence, its cause and remedies, settings and application changes alike; and the report
says what was looked at and is healthy. With one sample it tells what one sample can tell; `--interval` takes two.
"""

import argparse
import sys

from lastack.cli.doctor_layout import Sheet
from lastack.cli.doctor_report import render
from lastack.cli.draw import terminal_columns
from lastack.cli.options import add_at, add_between, add_color, add_json, add_netns, add_store, wants_color
from lastack.cli.samples import samples
from lastack.doctor.diagnosis import diagnose, to_json
from lastack.doctor.verdicts import SEVERITIES
from lastack.model.model import Model

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack doctor``."""
    add = parser.add_argument
    add("--from", metavar="SNAPSHOT", dest="source", help="examine a snapshot instead of this host; -: standard input")
    add("--interval", metavar="S", type=_seconds, help="take two samples so far apart, to see rates and growth")
    add("--fail-on", choices=SEVERITIES, help="exit with 1 where a finding is as bad as that, or worse")
    add_at(parser)
    add_between(parser)
    add_store(parser)
    add_netns(parser)
    add_json(parser)
    add_color(parser)


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("more than 0 and at most 86400 seconds")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Sample, examine, report."""
    sample, previous = samples(options)
    model = Model.of(sample, previous)
    diagnosis = diagnose(model)
    if options.json:
        import json  # noqa: PLC0415 - text starts up without it

        sys.stdout.write(json.dumps(to_json(diagnosis, model)) + "\n")
    else:
        render(diagnosis, model, Sheet(sys.stdout, terminal_columns(), wants_color(options)))
    return int(options.fail_on is not None and diagnosis.reaches(options.fail_on))
