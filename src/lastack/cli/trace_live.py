"""``lastack trace``, live: connections of the running kernel as they end, until Ctrl-C, a time or a number."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from lastack.capture.addresses import Addresses
from lastack.cli.draw import plain
from lastack.cli.progress_line import ProgressLine
from lastack.cli.trace_choice import chosen
from lastack.cli.trace_until import Stop, stopping
from lastack.kernel.tracepoints_filter import Wanted
from lastack.live.session import Session
from lastack.tcp.bundle import Bundle

__all__ = ["missing", "run_live"]

# How long events are gathered, at most, before they are shown: so many at once cost little each.
_SHOWN_EVERY_S, _SUMMED_EVERY_S = 0.2, 0.5

_Wording = Callable[[Bundle, Addresses], Iterable[str]]


def run_live(options: argparse.Namespace) -> int:
    """Trace the machine, or one namespace. Ctrl-C is the ordinary end: what is known by then is shown.

    Raises:
        UsageError: ``bad-address``.
        RefusedError: the kernel or the privilege does not allow it (``lastack.live.session.Session``).
    """
    with (
        stopping(options.duration) as stop,
        Session(Wanted(*chosen(options)), options.netns, names=not options.summary) as session,
    ):
        for name in session.absent:
            sys.stderr.write(f"lastack: this kernel has no tracepoint {name}: of that, nothing is told\n")
        where = f"namespace {plain(options.netns)}" if options.netns else "every namespace of this machine"
        sys.stderr.write(f"lastack: watching {where}; Ctrl-C ends it\n")
        if session.silent:
            sys.stderr.write(f"lastack: {missing(session.silent)}\n")
        sys.stderr.flush()
        if options.summary:
            _sum_up(session, stop, options)
        else:
            _list(session, stop, options)
    return 0


def missing(cpus: Sequence[int]) -> str:
    """What CPUs that keep records to themselves mean to a reader."""
    which = f"CPU {cpus[0]} hands" if len(cpus) == 1 else f"CPUs {', '.join(map(str, cpus))} hand"
    return (
        f"{which} over nothing of what happens while idle, a fault of this kernel until it is booted anew: connections "
        "are missing or cut"
    )


def _list(session: Session, stop: Stop, options: argparse.Namespace) -> None:
    """Print each connection."""
    say = _wording(options)
    left, lost, ending = 1 if options.svg else options.count, 0, False
    while not ending and left != 0:
        session.wait(stop.left(_SHOWN_EVERY_S))
        ending = stop.now  # after this, once more for the rest
        lines = _in_order(session.bundles(ending=ending), say, session.addresses)[:left]
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
        left = None if left is None else left - len(lines)
        if session.lost > lost:
            sys.stderr.write(f"lastack: {session.lost - lost} events were lost: what they were of is missing or cut\n")
            lost = session.lost


def _in_order(bundles: Iterable[Bundle], say: _Wording, addresses: Addresses) -> list[str]:
    """What is said of connections, in the order of their ends."""
    dated = [
        (end, text)
        for bundle in bundles
        for end, text in zip(bundle.times[:, -1].tolist(), say(bundle, addresses), strict=True)
    ]
    return [text for _, text in sorted(dated, key=itemgetter(0))]


def _wording(options: argparse.Namespace) -> _Wording:
    from lastack.cli import trace_report  # noqa: PLC0415 - a summary does without

    if options.svg:
        from lastack.cli.trace_svg import svg  # noqa: PLC0415 - seldom wanted

        return lambda bundle, addresses: map(svg, bundle.lifecycles(addresses.octets))
    if options.diagram:
        from lastack.cli import trace_diagram  # noqa: PLC0415 - seldom wanted

        return lambda bundle, addresses: map(trace_diagram.text, bundle.lifecycles(addresses.octets))
    return trace_report.objects if options.json else trace_report.lines


def _sum_up(session: Session, stop: Stop, options: argparse.Namespace) -> None:
    """Add all up, and print that at the end."""
    from lastack.cli.trace_summary import Summary  # noqa: PLC0415 - the list does without

    summary, done, ending = Summary(), 0, False
    with ProgressLine(sys.stderr) as line:
        while not ending and (options.count is None or done < options.count):
            session.wait(stop.left(_SUMMED_EVERY_S))
            ending = stop.now
            for bundle in session.bundles(ending=ending, kept=summary.endpoints()):
                summary.add(bundle, session.addresses)
                done += bundle.connections
            line.show(f"{done:,} connections, {session.lost:,} events lost")
    summary.lost = session.lost
    if session.silent:
        summary.notes.append(missing(session.silent))
    if session.strays:
        summary.notes.append(f"{session.strays:,} resets and SYN-ACKs belonged to no socket that was seen")
    sys.stdout.write(f"{json.dumps(summary.document()) if options.json else summary.text()}\n")
