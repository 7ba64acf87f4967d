"""All files of a host together: which line wins each key, and where the live value is another one."""

from collections.abc import Sequence
from typing import NamedTuple

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.alone import loaded
from lastack.settings.lint.scene import View
from lastack.settings.lint.values import plain
from lastack.settings.sysctld.loading import Entry

__all__ = ["Contest", "contests"]


class Contest(NamedTuple):
    """A key that the files set.

    Attributes:
        key: dotted.
        setters: the lines that set it, in the order in which they are written; the last one wins.
        live: what it is now; None: not there, or not known.
        other: the winner by the other loader, where that sets another value; else None.
    """

    key: str
    setters: tuple[Entry, ...]
    live: str | None
    other: Entry | None

    @property
    def winner(self) -> Entry:
        """The line whose value the host has after boot."""
        return self.setters[-1]

    @property
    def drifted(self) -> bool:
        """Whether the live value is not the winner's."""
        return self.live is not None and _plain(self.key, self.live) != _plain(self.key, self.winner.value)


def contests(entries: Sequence[Entry], others: Sequence[Entry], view: View) -> list[Contest]:
    """For each key that the files set: who does, who wins, what is live.

    Args:
        entries: the lines in the order of the loader that this host boots with.
        others: the same lines in the order of the other one.
        view: the host.
    """
    setters, elsewhere = _setters(entries, view), _setters(others, view)
    live = view.live or {}
    return [
        Contest(key, tuple(lines), live.get(key), _if_other(key, lines[-1], elsewhere.get(key)))
        for key, lines in sorted(setters.items())
    ]


def _setters(entries: Sequence[Entry], view: View) -> dict[str, list[Entry]]:
    return loaded(entries, view)[1].setters


def _if_other(key: str, winner: Entry, lines: Sequence[Entry] | None) -> Entry | None:
    if not lines or _plain(key, lines[-1].value) == _plain(key, winner.value):
        return None
    return lines[-1]


def _plain(key: str, value: str) -> str:
    return plain(SETTINGS[key], value) if key in SETTINGS else " ".join(value.split())
