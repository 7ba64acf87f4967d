"""Watch this host's TCP in the terminal: states and their rates, closes, destinations, listeners, findings.

The same view plays a recording: `lastack watch --from-store FILE --at 03:00`, then the arrow keys step through it.
Live, they step back through the samples since the start.
"""

import argparse
import os
from contextlib import ExitStack

from lastack.cli.duration import duration
from lastack.cli.options import add_at, add_netns
from lastack.errors import RefusedError, UsageError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack watch``."""
    add = parser.add_argument
    add("--every", metavar="S", type=_interval, default=2.0, help="time from one look to the next (2s)")
    add("--from-store", metavar="FILE", help="play a recording of `lastack record` instead")
    add_at(parser)
    add_netns(parser)
    add("--no-color", action="store_true", help="without colours (so does NO_COLOR=1)")


def _interval(text: str) -> float:
    seconds = duration(text)
    if not 0.1 <= seconds <= 60:
        raise argparse.ArgumentTypeError("a tenth of a second to a minute")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Watch until it is left."""
    if (options.at and not options.from_store) or (options.netns and options.from_store):
        raise UsageError("options-clash", "--at is for --from-store, and --netns for a live namespace")
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        from lastack.tui.app import Watch  # noqa: PLC0415 - help and completion do without
    except ImportError:
        hint = "pip install 'lastack[watch]'"
        raise RefusedError("no-textual", "textual is not installed", hint) from None
    from lastack.tui.timeline import Live, Recorded, Timeline  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        timeline: Timeline
        if options.from_store:
            from lastack.cli.when import moment, now  # noqa: PLC0415 - live does without
            from lastack.store.reader import Reader  # noqa: PLC0415

            at = moment(options.at, now()) if options.at else None
            timeline = Recorded(stack.enter_context(Reader(options.from_store)), at)
        else:
            from lastack.kernel.namespaces import enter  # noqa: PLC0415 - recordings need no kernel

            if options.netns:
                stack.enter_context(enter(options.netns))
            timeline = Live(options.netns)
        Watch(timeline, options.every, live=not options.from_store).run()
    return 0
