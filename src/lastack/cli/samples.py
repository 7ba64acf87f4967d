"""What a command looks at: this host, a namespace, a file or a recording; and what was there before it."""

import argparse
import sys
from contextlib import nullcontext
from time import sleep

from lastack.cli.files import opened
from lastack.cli.recorded import moment_in, pair_in
from lastack.errors import UsageError
from lastack.kernel.namespaces import enter
from lastack.kernel.sampler import take_sample
from lastack.model.flow import Moment
from lastack.model.sample import Sample, decode_series

__all__ = ["samples"]


def samples(options: argparse.Namespace) -> tuple[Sample, Sample | None]:
    """The sample that ``source``, ``at``, ``between``, ``netns`` and ``interval`` name, and the one before it, if any.

    Raises:
        UsageError: ``options-clash``; ``bad-time``, ``bad-span``.
        InputError: of the file or the store.
        RefusedError: of the kernel or the store.
    """
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
