"""Build socket populations on this machine's kernel, in network namespaces of their own.

It takes no root and leaves no trace on the host. A built census is exact: read back from the kernel, or an error.
"""

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from lastack.cli.options import add_color, add_json, wants_color
from lastack.errors import UsageError
from lastack.tcp.states import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from lastack.cli.census_report import Subject
    from lastack.lab.cohorts import Cohort
    from lastack.lab.lab import Lab

__all__ = ["configure", "run"]

# Tasks with a file of their own, cli/lab_NAME.py: ``configure(parser)`` and ``run(options)``.
_TASKS = {
    "try": "an experiment: the same load with a change and without",
    "recipe": "the article's seven settings one by one, all together, and each left out",
    "claims": "what is said about settings, run as experiments on this kernel",
}

_FAMILIES = {"4": (4,), "6": (6,), "both": (4, 6)}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the tasks of ``lastack lab`` and their arguments."""
    tasks = parser.add_subparsers(title="tasks", dest="task", metavar="TASK", required=True)
    _configure_article(tasks.add_parser("article", help="the article's busy web server: nine states, 26,568 sockets"))
    _configure_build(tasks.add_parser("build", help="the states you name, or the population of a snapshot"))
    for name, summary in _TASKS.items():
        _module(name).configure(tasks.add_parser(name, help=summary))
    shell = tasks.add_parser("shell", help="a shell in an empty lab")
    shell.add_argument("--clients", metavar="N", type=int, default=1, help="client namespaces, each with a link (1)")


def _module(task: str) -> "ModuleType":
    return import_module(f"lastack.cli.lab_{task}")


def _configure_article(parser: argparse.ArgumentParser) -> None:
    parser.description = "Builds the census of the article in a private namespace, and prints it."
    parser.add_argument("--after", action="store_true", help="its second table, taken after the tuning")
    _add_what_then(parser)


def _configure_build(parser: argparse.ArgumentParser) -> None:
    parser.description = "Builds a population in a private namespace, and prints its census."
    add = parser.add_argument
    add(
        "--state",
        metavar="NAME[:KIND]=N",
        dest="states",
        type=_state,
        action="append",
        default=[],
        help="so many sockets in a state, such as TIME_WAIT=25087 or FIN_WAIT2:orphan=3; may be repeated",
    )
    add("--family", choices=_FAMILIES, help="N sockets of IPv4 (default), of IPv6, or of each")
    add("--port", metavar="N", type=int, help="the server's port (80); LISTEN takes those above it too")
    add("--from", metavar="SNAPSHOT", dest="source", help="the population of a snapshot; -: standard input")
    _add_what_then(parser)


def _add_what_then(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--exec", metavar="CMD", dest="line", help="run this shell line there: its output, its exit status, no other")
    add("--hold", action="store_true", help="keep the population until interrupted")
    add_json(parser)
    add_color(parser)


def _state(text: str) -> tuple[str, str, int]:
    """``NAME[:KIND]=N``, the name as netstat or ss spells it."""
    label, equals, number = text.partition("=")
    name, _, kind = label.partition(":")
    state = canonical(name)
    if not equals or not number.isascii() or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=N or NAME:KIND=N, such as TIME_WAIT=100")
    if state is None:
        raise argparse.ArgumentTypeError(f"{name!r} is no state of TCP")
    return state, kind.lower(), int(number)


def run(options: argparse.Namespace) -> int:
    """Do the task."""
    if options.task in _TASKS:
        code: int = _module(options.task).run(options)
        return code
    if options.task == "shell":
        return _shell(options.clients)
    if options.line is not None and (options.hold or options.json):
        raise UsageError("options-clash", "--exec prints what its command prints, and ends with it")
    if options.task == "article":
        from lastack.lab.article import article  # noqa: PLC0415 - help and completion do without the lab

        return _build(article(after=options.after), options)
    return _build(_named(options) if options.states else _rebuilt(options), options)


def _named(options: argparse.Namespace) -> "list[Cohort]":
    from lastack.lab.cohorts import Cohort  # noqa: PLC0415 - as above

    if options.source:
        raise UsageError("options-clash", "--from and --state are two populations")
    return [
        Cohort(state, count, family, kind=kind, port=80 if options.port is None else options.port)
        for state, kind, count in options.states
        for family in _FAMILIES[options.family or "4"]
    ]


def _rebuilt(options: argparse.Namespace) -> "list[Cohort]":
    from lastack.cli.files import opened  # noqa: PLC0415 - as above
    from lastack.lab.links import Link  # noqa: PLC0415
    from lastack.lab.rebuild import rebuild  # noqa: PLC0415
    from lastack.model.sample import decode  # noqa: PLC0415

    if not options.source:
        raise UsageError("nothing-to-build", "say what to build", "--state TIME_WAIT=100, or --from SNAPSHOT")
    if options.family or options.port:
        raise UsageError("options-clash", "--family and --port go with --state; a snapshot has its own")
    with opened(options.source) as (file, name):
        sample = decode(file.read(), name)
    rebuilding = rebuild(sample, Link(1))
    for change in rebuilding.changes:
        sys.stderr.write(f"lastack: {change}\n")
    return rebuilding.cohorts


def _build(cohorts: "Sequence[Cohort]", options: argparse.Namespace) -> int:
    from lastack.cli.lab_inside import Progress, hold, run_line  # noqa: PLC0415 - as above
    from lastack.lab.lab import Lab  # noqa: PLC0415

    with Lab() as lab:
        with Progress(sum(cohort.count for cohort in cohorts), sys.stderr) as progress:
            lab.populate(cohorts, progress=progress)
        if options.line is not None:
            return run_line(lab.server, options.line)
        _print_census(lab, options)
        if options.hold:
            hold(lab)
    return 0


def _print_census(lab: "Lab", options: argparse.Namespace) -> None:
    from lastack.cli.census_report import as_json_text, as_text  # noqa: PLC0415 - as above

    subject = lab.server.call(_count)
    lines = [as_json_text(subject)] if options.json else as_text(subject, color=wants_color(options))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def _count() -> "Subject":
    """A census of the namespace that we are in, as ``lastack census`` takes it."""
    from lastack.cli import census, census_live  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser()
    census.configure(parser)
    return census_live.live(parser.parse_args([]))


def _shell(clients: int) -> int:
    from lastack.cli.lab_inside import address_plan, run_shell  # noqa: PLC0415 - as above
    from lastack.lab.lab import Lab  # noqa: PLC0415

    with Lab(clients) as lab:
        sys.stdout.writelines(f"{line}\n" for line in address_plan(lab))
        sys.stdout.flush()
        return run_shell(lab.server)
