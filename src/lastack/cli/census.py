r"""Count TCP sockets per state: this host's now, or a saved file's.

The default view also draws the closes of the last 60 seconds, read from the TIME_WAIT timers.
`--like netstat` replaces netstat -an | awk '/^tcp/ {++S[$NF]} END {for (k in S) print k "\t" S[k]}'.
"""

import argparse
import sys

from lastack.cli.census_report import Subject, as_json_text, as_lines, as_text
from lastack.cli.options import add_at, add_between, add_color, add_json, add_netns, add_store, wants_color
from lastack.errors import UsageError
from lastack.model.census import DIMENSIONS, Tally

__all__ = ["configure", "run"]

_TOP = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack census``."""
    add = parser.add_argument
    add("--by", metavar="DIM[,DIM]", type=_dimensions, default=(), help=f"group by: {', '.join(DIMENSIONS)}")
    add("--top", metavar="N", type=int, default=_TOP, help=f"groups to list, the rest is summed up; 0: all ({_TOP})")
    add("--counts", action="store_true", help="states alone, by the fastest exact road")
    add("--like", choices=["netstat", "ss"], help="print only STATE<TAB>N lines, spelled as that tool spells them")
    add("--from", metavar="FILE|-", dest="source", help="saved output of netstat or ss, /proc/net/tcp, or a snapshot")
    add_at(parser)
    add_between(parser)
    add_store(parser)
    add("--all-netns", action="store_true", help="every network namespace that can be found, each once")
    add_netns(parser)
    add_json(parser)
    add_color(parser)


def _dimensions(value: str) -> tuple[str, ...]:
    by = tuple(value.split(","))
    for dimension in by:
        if dimension not in DIMENSIONS:
            raise argparse.ArgumentTypeError(f"{dimension!r} is none of {', '.join(DIMENSIONS)}")
    if len(by) > 2 or len(set(by)) < len(by):
        raise argparse.ArgumentTypeError("one dimension, or two different ones with a comma between")
    return by


def run(options: argparse.Namespace) -> int:
    """Count, print, warn."""
    _refuse_clashes(options)
    if options.between:
        from lastack.cli.census_span import span  # noqa: PLC0415 - the others do without the store

        return span(options)
    subject = _subject(options)
    if options.like:
        lines = as_lines(subject.census, options.like)
    elif options.json:
        lines = [as_json_text(subject)]
    else:
        lines = as_text(subject, color=wants_color(options))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    for warning in subject.warnings:
        sys.stderr.write(f"lastack: {warning}\n")
    return 0


def _subject(options: argparse.Namespace) -> Subject:
    """Each road starts up without the modules of the others."""
    if options.at:
        from lastack.cli.census_saved import of_sample  # noqa: PLC0415
        from lastack.cli.recorded import moment_in  # noqa: PLC0415

        return of_sample(moment_in(options, options.at).sample, "store", Tally(options.by, options.top))
    if options.source:
        from lastack.cli.census_saved import saved  # noqa: PLC0415

        return saved(options.source, options.by, options.top)
    from lastack.cli.census_live import live  # noqa: PLC0415

    return live(options)


def _refuse_clashes(options: argparse.Namespace) -> None:
    states_only = options.counts or options.like
    for clash, message in (
        (states_only and options.by, "--counts and --like count states alone, --by counts groups"),
        (options.like and options.json, "--like and --json are two formats"),
        (options.netns and options.all_netns, "--netns and --all-netns exclude each other"),
        (
            sum(map(bool, (options.at, options.between, options.source, options.netns or options.all_netns))) > 1,
            "--at and --between look into the store, --from into a file, --netns into a live namespace",
        ),
        (
            options.between and (options.by or options.like),
            "--between counts states alone, with the least and the most",
        ),
        (options.top < 0, "--top takes 0 or more"),
    ):
        if clash:
            raise UsageError("options-clash", message, "see `lastack census --help`")
