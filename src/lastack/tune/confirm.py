"""Confirming a change: it may stay, and goes into sysctl.d if that was asked for."""

from lastack.errors import RefusedError
from lastack.tune.change import Change
from lastack.tune.journal import Journal
from lastack.tune.persist import persist
from lastack.tune.record import Actor, Confirmed
from lastack.tune.who import boottime, now

__all__ = ["confirm"]

_TOO_LATE = {
    "undone": "is undone already",
    "undoing": "is being undone",
    "applying": "was left unfinished",
    "rebooted": "ended when the host was rebooted",
    "kept": "needs no confirmation",
}


def confirm(journal: Journal, change: Change, by: Actor, boot_id: str | None) -> None:
    """Let it stay. The journal's lock must be held.

    The record comes before the file in sysctl.d, so that no boot finds a file that nobody confirmed; where the file
    fails, to confirm again writes it.

    Raises:
        RefusedError: ``cannot-confirm``: it waits for nothing, or no longer. ``persist-refused``, ``unsafe-folder``,
            ``not-our-file``, ``journal-refused``.
    """
    state = change.state(boot_id)
    if state == "waiting":
        if change.overdue(boottime()):
            raise RefusedError("cannot-confirm", f"change {change.id} was to be confirmed earlier, and is being undone")
        journal.append(change, Confirmed(at=now(), by=by))
    elif not (state == "kept" and change.to_persist):
        because = f" ({change.undoing.why})" if change.undoing else ""
        raise RefusedError("cannot-confirm", f"change {change.id} {_TOO_LATE[state]}{because}")
    if change.begun.persist:
        persist(journal, change)
