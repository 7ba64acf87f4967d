"""Judge lines of sysctl files for this host's kernel, or for another one.

Each line gets one verdict with its reason: ok, no-effect, overridden, hazard, out-of-range, removed, unknown or
malformed. Exit code 1: some line is one of the last five.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from lastack.cli.lint_files import read_named
from lastack.cli.lint_report import (
    as_document,
    as_text,
    contests_as_document,
    contests_as_text,
    files_as_text,
)
from lastack.cli.options import add_color, add_json, add_netns, wants_color
from lastack.errors import UsageError
from lastack.kernel.sysctl_files import SystemFiles, read_system
from lastack.settings.lint.judge import Judged, fails, judge, keys_of, read_files
from lastack.settings.lint.scene import View
from lastack.settings.lint.system import Contest, contests
from lastack.settings.release import parse_release
from lastack.settings.sysctld.loading import Entry

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack lint``."""
    add = parser.add_argument
    add("files", metavar="FILE", nargs="*", help="in the order in which they are loaded; -: standard input")
    add("--system", action="store_true", help="all files that this host reads at boot, and who wins each key")
    add("--root", metavar="DIR", default="", help="with --system: the system below DIR, an image for instance")
    add("--kernel", metavar="RELEASE", help="judge for a host with this kernel, such as 5.4, instead of this one")
    add("--fix", action="store_true", help="print the file as it should be, with the reasons as comments")
    add_netns(parser)
    add_json(parser)
    add_color(parser)


def run(options: argparse.Namespace) -> int:
    """Read, judge, print."""
    _refuse_clashes(options)
    system = read_system(options.root.rstrip("/")) if options.system else None
    files = system.files if system else read_named(options.files)
    for reason in system.unread if system else ():
        sys.stderr.write(f"lastack: {reason}, so its lines are left out\n")
    entries = read_files(files)
    view = _view(options, entries)
    if options.fix:
        from lastack.settings.lint.fix import fix  # noqa: PLC0415 - only for this

        sys.stdout.buffer.write(fix(files[0][1], view))
        return 0
    judged = judge(entries, view)
    won = contests(entries, read_files(system.others), view) if system else []
    if options.json:
        document = as_document(judged, view.release.text)
        if system:
            document |= contests_as_document(won, system.loader, system.order)
        import json  # noqa: PLC0415 - text starts up without it

        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _text(judged, system, won, color=wants_color(options)))
    return int(fails(judged))


def _refuse_clashes(options: argparse.Namespace) -> None:
    for clash, message in (
        (not options.files and not options.system, "what is to be judged? Name a file, - or --system"),
        (options.files and options.system, "--system reads the host's own files, so it takes no others"),
        (options.root and not options.system, "--root says where the files of --system are"),
        (options.fix and (options.system or len(options.files) != 1), "--fix prints one file: name one"),
        (options.fix and options.json, "--fix prints a file, --json verdicts"),
        (options.kernel and options.netns, "--kernel is about another host, --netns about this one"),
    ):
        if clash:
            raise UsageError("options-clash", message, "see `lastack lint --help`")


def _view(options: argparse.Namespace, entries: Sequence[Entry]) -> View:
    if options.kernel:
        return View(parse_release(options.kernel))
    from lastack.cli.lint_host import view_of_host  # noqa: PLC0415 - for another host we ask no kernel
    from lastack.kernel.namespaces import enter  # noqa: PLC0415 - as above

    with enter(options.netns) if options.netns else nullcontext():
        return view_of_host(keys_of(entries), {entry.line.key for entry in entries})


def _text(
    judged: Sequence[Judged], system: SystemFiles | None, won: Sequence[Contest], *, color: bool
) -> Iterator[str]:
    if system:
        yield from files_as_text(system.loader, system.order)
        yield ""
    yield from as_text(judged, color=color)
    rest = list(contests_as_text(won, system.loader)) if system else []
    if rest:
        yield ""
        yield from rest
