"""Hold two moments against each other: what changed beyond noise, why, and which settings had a part in it.

Each is a snapshot, a file of several (a recording: `lastack snapshot --interval 30`), or a time in the store that
`lastack record` writes; without a second one, it is this host now. Counts scatter: a difference counts where it is
more than three standard deviations.
"""

import argparse
import json
import sys
from pathlib import Path

from lastack.cli.options import add_at, add_between, add_color, add_json, add_netns, add_store, wants_color
from lastack.cli.when import looks_like_a_time
from lastack.errors import UsageError
from lastack.model.compare import SCHEMA, compare
from lastack.model.flow import Moment

__all__ = ["configure", "run"]

_NOW = "now"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack compare``."""
    add = parser.add_argument
    add(
        "before",
        metavar="A",
        nargs="?",
        help="a snapshot, -, or a time in the store: 14:05, -10m, 2026-03-01T14:05:00Z",
    )
    add("after", metavar="B", nargs="?", default=_NOW, help="as A; without it: this host now")
    add_at(parser)
    add_between(parser)
    add_store(parser)
    add_netns(parser)
    add_json(parser)
    add_color(parser)


def run(options: argparse.Namespace) -> int:
    """Find both, compare, report."""
    found = compare(*_moments(options))
    if options.json:
        from msgspec import to_builtins  # noqa: PLC0415 - as the report

        sys.stdout.write(json.dumps({"schema": SCHEMA} | to_builtins(found)) + "\n")
        return 0
    from lastack.cli.compare_report import as_text  # noqa: PLC0415 - JSON does without

    sys.stdout.writelines(f"{line}\n" for line in as_text(found, color=wants_color(options)))
    return 0


def _moments(options: argparse.Namespace) -> tuple[Moment, Moment]:
    given = [options.before, options.at, options.between]
    if sum(one is not None for one in given) != 1:
        raise UsageError("nothing-to-compare", "say what to compare", "two snapshots, or --between A B from the store")
    if options.between:
        from lastack.cli.recorded import pair_in  # noqa: PLC0415 - two files need no store

        return pair_in(options)
    return _moment(options.before or options.at, options), _moment(options.after, options)


def _moment(name: str, options: argparse.Namespace) -> Moment:
    """The live host, a file, or a time in the store. What is the name of a file is that file."""
    if name == _NOW:
        from lastack.cli.live import live_moment  # noqa: PLC0415 - nor a kernel

        return live_moment(options.netns)
    if looks_like_a_time(name) and not Path(name).exists():
        from lastack.cli.recorded import moment_in  # noqa: PLC0415 - as above

        return moment_in(options, name)
    from lastack.cli.files import opened  # noqa: PLC0415
    from lastack.model.sample import decode_series  # noqa: PLC0415

    with opened(name) as (file, shown):
        return Moment.last_of(decode_series(file.read(), shown))
