"""Undoing a change: every setting that is as the change made it gets its former value back, the last one first.

Told twice, or after having died on the way, it does what is left to do. The lock must be held.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from lastack.errors import LastackError, RefusedError
from lastack.plan.value import same
from lastack.tune import setting
from lastack.tune.change import Change, Standing
from lastack.tune.journal import Journal
from lastack.tune.persist import forget
from lastack.tune.place import return_to
from lastack.tune.record import Actor, Item, Undoing, Undone
from lastack.tune.signals import uninterrupted
from lastack.tune.who import now

__all__ = ["Look", "settle", "survey", "undo"]


class Look(NamedTuple):
    """A setting of a change, as it is now.

    Attributes:
        item: what the change did to it.
        now: its value; None: it is not there any more.
        standing: how it stands towards the change; None: as above.
    """

    item: Item
    now: str | None
    standing: Standing | None


def survey(change: Change) -> list[Look]:
    """Look at each setting, in the order in which they are to be undone. The thread must be in the namespace.

    Raises:
        RefusedError: ``unreadable-file``.
    """
    looks = []
    for index, item in reversed(list(enumerate(change.begun.items))):
        value = setting.read(item.key)
        looks.append(Look(item, value, None if value is None else change.standing(index, value)))
    return looks


def undo(journal: Journal, change: Change, by: Actor, why: str, *, force: bool = False) -> Undone:
    """Undo it; what somebody else changed since is left alone unless forced. The journal's lock must be held.

    Raises:
        RefusedError: ``undo-incomplete``: the kernel refuses some value; the others are restored.
            ``undo-unrecorded``: all is restored, and the journal cannot be written.
            ``namespace-forbidden``, ``persist-refused``, ``unsafe-folder``, ``not-our-file``.
    """
    with uninterrupted():
        with suppress(LastackError):  # if the disk is full, that is no reason to leave the settings as they are
            journal.append(change, Undoing(at=now(), by=by, why=why))
        undone = _restored(change, force=force)
        try:
            journal.append(change, undone)
        except RefusedError as error:
            raise RefusedError("undo-unrecorded", f"change {change.id} is undone; {error.message}") from None
    return undone


def _restored(change: Change, *, force: bool) -> Undone:
    left: dict[str, str] = {}
    gone: list[str] = []
    failures: list[str] = []
    try:
        with return_to(change.begun.place):
            for look in survey(change):
                _restore(look, left, gone, failures, force=force)
    except RefusedError as error:
        if error.slug != "namespace-gone":
            raise
        gone = [change.begun.place.netns]
    left |= forget(change, force=force)
    if failures:
        raise RefusedError("undo-incomplete", f"change {change.id} is not wholly undone: {'; '.join(failures)}")
    return Undone(at=now(), left=left, gone=gone)


def _restore(look: Look, left: dict[str, str], gone: list[str], failures: list[str], *, force: bool) -> None:
    key, before = look.item.key, look.item.before
    if look.now is None:
        gone.append(key)
    elif look.standing == "foreign" and not force:
        left[key] = look.now
    elif look.standing != "before":
        try:
            setting.write(key, before)
        except RefusedError as error:
            failures.append(error.message)
            return
        found = setting.read(key)
        if found is None or not same(key, found, before):
            failures.append(f"{key} was given back {before}, and the kernel says {found}")


def settle(journal: Journal, by: Actor, boot_id: str | None, boottime_s: float) -> Iterator[tuple[Change, Undone]]:
    """Undo what is to be undone: changes whose writers died, and those that were not confirmed in time.

    The journal's lock must be held: so no writer lives.

    Raises:
        RefusedError: as ``undo``.
    """
    for change in journal.changes():
        state = change.state(boot_id)
        if state in {"applying", "undoing"}:
            yield change, undo(journal, change, by, "it was left unfinished")
        elif state == "waiting" and change.overdue(boottime_s):
            yield change, undo(journal, change, by, "it was not confirmed in time")
