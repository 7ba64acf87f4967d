"""Say that a change may stay: it is not undone at its deadline, and goes into sysctl.d if that was asked for."""

import argparse
import sys

from lastack.cli.change_report import as_json
from lastack.cli.draw import plain
from lastack.cli.journal_folder import add_state, journal_folder
from lastack.cli.options import add_json
from lastack.cli.overrides import overrides
from lastack.errors import InputError, RefusedError
from lastack.kernel.host import read_host
from lastack.tune import timer
from lastack.tune.change import Change
from lastack.tune.confirm import confirm
from lastack.tune.journal import Journal
from lastack.tune.who import actor

__all__ = ["configure", "run"]

_PATIENCE_S = 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack confirm``."""
    parser.add_argument("id", metavar="ID", type=int, nargs="?", help="number of the change (the one that waits)")
    add_state(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Confirm, and print what became of it."""
    boot_id = read_host().boot_id
    with Journal(journal_folder(options)) as journal, journal.locked(_PATIENCE_S):
        change = journal.change(options.id) if options.id else _waiting(journal, boot_id)
        confirm(journal, change, actor(), boot_id)
    timer.disarm(change)
    if options.json:
        lines = [as_json(change, boot_id)]
    else:
        lines = [f"change {change.id} stays"]
        if change.persisted and change.persisting:
            lines += [f"  {change.persisting.path} has it for the next boot", *overrides(change.persisting)]
    sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
    return 0


def _waiting(journal: Journal, boot_id: str | None) -> Change:
    changes = journal.changes()
    waiting = [
        change
        for change in changes
        if change.state(boot_id) == "waiting" or (change.state(boot_id) == "kept" and change.to_persist)
    ]
    if len(waiting) == 1:
        return waiting[0]
    if waiting:
        numbers = ", ".join(str(change.id) for change in waiting)
        raise InputError("which-change", f"several changes wait: {numbers}", "name one: lastack confirm ID")
    last = changes[-1] if changes else None
    why = f"; change {last.id} was undone: {last.undoing.why}" if last and last.undone and last.undoing else ""
    raise RefusedError("cannot-confirm", f"no change waits for a confirmation{why}", "see `lastack journal`")
