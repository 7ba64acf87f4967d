"""Which commands there are, and how an argument list finds its one.

A command is a module of this package with two functions, ``configure(parser)``, which adds its arguments to an
argparse parser, and ``run(options)``, which does the work and gives the exit code. It is imported when it runs:
``lastack census`` must start like a small tool, which is also why the parser is argparse (click alone takes three
times as long to import as everything that a census needs).
"""

import argparse
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from lastack import __version__
from lastack.cli.draw import terminal_columns
from lastack.errors import UsageError

__all__ = ["COMMANDS", "add_command", "dispatch", "whole"]

# One row a command: its name, and what ``lastack --help`` says of it.
COMMANDS = {
    "census": "count TCP sockets per state, by whatever you ask for",
    "doctor": "say whether that is a problem, why, and what would fix it (plain `lastack`)",
    "snapshot": "write one sample of this host's TCP to a file",
    "compare": "hold two moments against each other: what changed, and what did it",
    "record": "record this host's TCP into a small file, to look back into",
    "watch": "show this host's TCP in the terminal, live or out of a recording",
    "serve": "show this host's TCP on a page, and to Prometheus",
    "metrics": "print Prometheus metrics, and rules and a dashboard for them",
    "explain": "explain a state, a setting, a counter, a finding",
    "lint": "judge sysctl lines for this kernel or another",
    "plan": "say what to change, why, and what else would help",
    "apply": "carry a plan out: journal, write, read back, undo unless confirmed",
    "confirm": "keep the change that waits for it",
    "rollback": "undo a change",
    "journal": "list what was changed, when, by whom, from what to what",
    "export": "write a plan for Ansible, Kubernetes, Docker and others",
    "lab": "build any socket population on the real kernel, in a private namespace",
    "fleet": "look at all containers of a host, or at many hosts through Prometheus",
    "forecast": "say what a load will do to ports, TIME_WAIT and tables, and what helps",
    "trace": "show connections from SYN to the end of TIME_WAIT, live or from a capture",
    "completion": "print a completion script for your shell",
}

_EPILOG = """exit codes: 0 fine; 1 findings (or a failed check); 2 usage or input;
3 the kernel or the privilege does not allow it; 130 interrupted"""


def dispatch(arguments: list[str]) -> int:
    """Run the command and give its exit code. Plain ``lastack`` is ``lastack doctor``, with or without options.

    Raises:
        LastackError: whatever the command raises; ``unknown-command``.
        SystemExit: help was asked for, or the arguments do not fit.
    """
    if arguments and arguments[0] in {"-h", "--help", "--version"}:
        whole().parse_args(arguments)
    name, *rest = arguments if arguments and not arguments[0].startswith("-") else ["doctor", *arguments]
    if name not in COMMANDS:
        raise _unknown(name)
    parser = argparse.ArgumentParser(f"lastack {name}", formatter_class=_HelpFormatter)
    with _modules_stay():
        add_command(parser, name)
    options = parser.parse_args(rest)
    code: int = import_module(f"lastack.cli.{name}").run(options)
    return code


@contextmanager
def _modules_stay() -> Iterator[None]:
    """Import without looking for garbage among what was imported, which takes a tenth of the doctor's start-up."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def add_command(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    """The parser with the arguments of a command, and the command module's text as its description."""
    module = import_module(f"lastack.cli.{name}")
    parser.formatter_class = _HelpFormatter
    parser.allow_abbrev = False
    parser.description = (module.__doc__ or "").replace("``", "`")
    module.configure(parser)
    return parser


def whole(*, complete: bool = False) -> argparse.ArgumentParser:
    """The parser of the whole command line; only ``complete`` does it know the arguments of each command."""
    parser = argparse.ArgumentParser(
        "lastack",
        description="Shows what Linux TCP is doing on a host, says whether that is a problem, and what would fix it.\n"
        "Without a command: doctor, a report on this host.",
        epilog=_EPILOG,
        formatter_class=_HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lastack {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        if complete:
            add_command(command, name)
    return parser


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """argparse makes one for every argument that is added, and would import shutil to know the terminal's width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_columns() - 2)


def _unknown(name: str) -> UsageError:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a typing error

    near = get_close_matches(name, COMMANDS, 1)
    hint = f"did you mean `lastack {near[0]}`?" if near else "`lastack --help` lists the commands"
    return UsageError("unknown-command", f"there is no command {name!r}", hint)
