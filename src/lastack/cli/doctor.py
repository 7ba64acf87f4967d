"""Say whether this host's TCP is in trouble, why, and what would fix it.

Each finding comes with its evidence, its cause and remedies, settings and application changes alike; and the report
says what was looked at and is healthy. With one sample it tells what one sample can tell; `--interval` takes two.
"""

import argparse
import sys
from contextlib import nullcontext
from time import sleep

from lastack.cli.doctor_layout import Sheet
from lastack.cli.doctor_report import render
from lastack.cli.draw import terminal_columns
from lastack.cli.files import opened
from lastack.cli.options import add_at, add_between, add_color, add_json, add_netns, add_store, wants_color
from lastack.cli.recorded import moment_in, pair_in
from lastack.doctor.diagnosis import diagnose, to_json
from lastack.doctor.verdicts import SEVERITIES
from lastack.errors import UsageError
from lastack.kernel.namespaces import enter
from lastack.kernel.sampler import take_sample
from lastack.model.flow import Moment
from lastack.model.model import Model
from lastack.model.sample import Sample, decode_series

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
    sample, previous = _samples(options)
    model = Model.of(sample, previous)
    diagnosis = diagnose(model)
    if options.json:
        import json  # noqa: PLC0415 - text starts up without it

        sys.stdout.write(json.dumps(to_json(diagnosis, model)) + "\n")
    else:
        render(diagnosis, model, Sheet(sys.stdout, terminal_columns(), wants_color(options)))
    return int(options.fail_on is not None and diagnosis.reaches(options.fail_on))


def _samples(options: argparse.Namespace) -> tuple[Sample, Sample | None]:
    """The sample to examine, and the one before it where there is one."""
    kinds = (options.source, options.at, options.between, options.netns or options.interval)
    if sum(map(bool, kinds)) > 1:
        message = "--from examines a file, --at and --between a recording, --netns and --interval a live namespace"
        raise UsageError("options-clash", message)
    if options.source:
        with opened(options.source) as (file, name):
            return Moment.last_of(decode_series(file.read(), name))
    if options.at:
        return moment_in(options, options.at)
    if options.between:
        before, after = pair_in(options)
        return after.sample, before.sample
    return _live(options)


def _live(options: argparse.Namespace) -> tuple[Sample, Sample | None]:
    """The sample, and the one before it where an interval is asked for."""
    with enter(options.netns) if options.netns else nullcontext():
        previous = take_sample(options.netns) if options.interval else None
        if options.interval:
            if sys.stderr.isatty():
                sys.stderr.write(f"lastack: the second sample follows in {options.interval:g} s\n")
            sleep(options.interval)
        return take_sample(options.netns), previous
