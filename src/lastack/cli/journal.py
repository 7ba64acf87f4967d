"""List the changes that lastack made: what, when, by whom, from what to what, and what became of them."""

import argparse
import sys

from lastack.cli.change_report import as_json, changed_lines, header, item_lines
from lastack.cli.draw import plain
from lastack.cli.journal_folder import add_state, journal_folder
from lastack.cli.options import add_json
from lastack.kernel.host import read_host
from lastack.tune.journal import Journal
from lastack.tune.who import boottime

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack journal``."""
    parser.add_argument("id", metavar="ID", type=int, nargs="?", help="only that change")
    add_state(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print them, oldest first; as JSON, one document a line."""
    boot_id = read_host().boot_id
    with Journal(journal_folder(options)) as journal:
        changes = [journal.change(options.id)] if options.id else journal.changes()
    for change in changes:
        if options.json:
            lines = [as_json(change, boot_id)]
        else:
            lines = [header(change, boot_id, boottime()), *item_lines(change.begun.items), *changed_lines(change)]
        sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
    if not changes:
        sys.stderr.write("lastack: no change is on record\n")
    return 0
