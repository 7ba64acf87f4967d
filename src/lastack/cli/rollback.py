"""Undo a change: what was left unfinished or was not confirmed in time, else the last in effect, or the one named.

A setting that somebody else changed since is not touched: the rollback refuses, and shows the difference, unless it is
forced.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator

from lastack.cli.asking import agreed, on_terminal
from lastack.cli.change_report import STATES, as_json, as_preview, undone_lines
from lastack.cli.draw import plain
from lastack.cli.journal_folder import add_state, journal_folder
from lastack.cli.options import add_json
from lastack.errors import RefusedError
from lastack.kernel.host import read_host
from lastack.tune import timer
from lastack.tune.change import Change
from lastack.tune.journal import Journal
from lastack.tune.place import return_to
from lastack.tune.record import Undone
from lastack.tune.undo import Look, settle, survey, undo
from lastack.tune.who import actor, boottime

__all__ = ["configure", "run"]

_PATIENCE_S = 30.0
_OVER = ("undone", "rebooted")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack rollback``."""
    add = parser.add_argument
    add("id", metavar="ID", type=int, nargs="?", help="number of the change")
    add("--yes", action="store_true", help="do not ask")
    add("--force", action="store_true", help="also settings that somebody else changed since")
    add("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add("--unless-confirmed", metavar="TOKEN", help=argparse.SUPPRESS)  # by systemd, at the deadline
    add_state(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Find the change, show, ask, undo."""
    return _RollingBack(options).run()


class _RollingBack:
    """One run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._boot_id = read_host().boot_id
        self._by = actor()

    def run(self) -> int:
        options = self._options
        with Journal(journal_folder(options)) as journal:
            if options.unless_confirmed:
                return self._at_deadline(journal)
            if options.id is None and not options.dry_run and self._finish(journal):
                return 0
            change = journal.change(options.id) if options.id else self._last(journal)
            if change is None or self._is_over(change):
                return 0
            self._show(journal, change)
            question = f"Undo change {change.id}?"
            if options.dry_run or (not options.yes and on_terminal() and not agreed(question)):
                return int(not options.dry_run)
            with journal.locked(_PATIENCE_S):
                change = journal.change(change.id)
                if self._is_over(change):
                    return 0
                self._refuse_foreign(journal, change, _looks(change))
                self._undo(journal, change, "asked for")
        return 0

    def _at_deadline(self, journal: Journal) -> int:
        with journal.locked(_PATIENCE_S):
            change = journal.change(self._options.id)
            unsettled = change.state(self._boot_id) in {"applying", "waiting", "undoing"}
            if unsettled and change.begun.token == self._options.unless_confirmed:
                self._undo(journal, change, "it was not confirmed in time")
        return 0

    def _finish(self, journal: Journal) -> bool:
        """Undo what died on the way or was not confirmed in time; gives whether there was any such thing."""
        with journal.locked(_PATIENCE_S):
            settled = list(settle(journal, self._by, self._boot_id, boottime()))
        for change, undone in settled:
            self._report(change, undone)
        return bool(settled)

    def _last(self, journal: Journal) -> Change | None:
        in_effect = [change for change in journal.changes() if change.state(self._boot_id) not in _OVER]
        if not in_effect:
            said = "no change is in effect, so there is nothing to undo"
            _print([as_preview([]) if self._options.json else said])
        return in_effect[-1] if in_effect else None

    def _is_over(self, change: Change) -> bool:
        state = change.state(self._boot_id)
        if state in _OVER:
            _print([as_json(change, self._boot_id) if self._options.json else f"change {change.id}: {STATES[state]}"])
        return state in _OVER

    def _show(self, journal: Journal, change: Change) -> None:
        looks = _looks(change)
        self._refuse_foreign(journal, change, looks)
        if not self._options.json:
            width = max((len(look.item.key) for look in looks), default=0)
            _print(f"  {look.item.key:{width}}  {_becomes(look)}" for look in looks)
        elif self._options.dry_run:
            _print([as_preview((look.item.key, look.now, look.item.before) for look in looks)])

    def _refuse_foreign(self, journal: Journal, change: Change, looks: list[Look]) -> None:
        foreign = [look for look in looks if look.standing == "foreign"]
        if not foreign or self._options.force:
            return
        if not self._options.json:
            _print([f"--- as change {change.id} left it", "+++ now"])
            for look in foreign:
                _print([f"-{look.item.key} = {look.item.wanted}", f"+{look.item.key} = {look.now}"])
        later = [other.id for other in _later(journal, change, self._boot_id, {look.item.key for look in foreign})]
        who = f"change {', '.join(map(str, later))}" if later else "somebody else"
        first = f"undo change {later[-1]} first, or " if later else ""
        hint = f"{first}add --force to give back the former values all the same"
        what = "a setting of it" if len(foreign) == 1 else f"{len(foreign)} settings of it"
        raise RefusedError("changed-since", f"after change {change.id}, {who} changed {what}", hint)

    def _undo(self, journal: Journal, change: Change, why: str) -> None:
        undone = undo(journal, change, self._by, why, force=self._options.force)
        self._report(change, undone)

    def _report(self, change: Change, undone: Undone) -> None:
        timer.disarm(change)
        _print([as_json(change, self._boot_id)] if self._options.json else undone_lines(change, undone))


def _looks(change: Change) -> list[Look]:
    try:
        with return_to(change.begun.place):
            return survey(change)
    except RefusedError as error:
        if error.slug != "namespace-gone":
            raise
        return []


def _later(journal: Journal, change: Change, boot_id: str | None, keys: set[str]) -> Iterator[Change]:
    """The changes of the same settings, in the same namespace, that came after and are in effect."""
    for other in journal.changes():
        in_effect = other.id > change.id and other.state(boot_id) not in _OVER
        same_place = other.begun.place.netns == change.begun.place.netns
        if in_effect and same_place and keys & {item.key for item in other.begun.items}:
            yield other


def _becomes(look: Look) -> str:
    if look.now is None:
        return "is not there any more"
    if look.standing == "before":
        return f"is {look.now or '(empty)'} already"
    return f"{look.now or '(empty)'} -> {look.item.before or '(empty)'}"


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
