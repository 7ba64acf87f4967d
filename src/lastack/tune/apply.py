"""Carrying a plan out: the journal first, then each setting is written, read back and compared; all of them or none."""

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lastack.errors import LastackError, RefusedError
from lastack.kernel.host import Host
from lastack.plan.value import checked, completed, same
from lastack.tune import setting
from lastack.tune.change import Change
from lastack.tune.journal import Journal
from lastack.tune.persist import persist
from lastack.tune.record import Actor, Applied, Begun, Deadline, Item, Place, Wrote
from lastack.tune.signals import uninterrupted
from lastack.tune.undo import undo
from lastack.tune.who import now

__all__ = ["Request", "apply", "items_for"]


class Request(NamedTuple):
    """What is asked for.

    Attributes:
        items: the settings that are to change, in order.
        summary: of the plan.
        host: which machine, boot and kernel this is.
        place: the namespace that the thread is in.
        by: who asks.
        persist: whether it goes into sysctl.d as well; with a deadline, once it is confirmed.
        deadline: by when it must be confirmed.
    """

    items: list[Item]
    summary: str
    host: Host
    place: Place
    by: Actor
    persist: bool
    deadline: Deadline | None


def items_for(settings: Sequence[tuple[str, str]]) -> list[Item]:
    """Those of the settings, given as (key, value), that are not so already; the thread must be in the namespace.

    Raises:
        InputError: ``bad-setting-name``, ``bad-setting-value``.
        RefusedError: ``no-such-setting``, ``unreadable-file``.
    """
    items = []
    for key, value in settings:
        before = setting.read(key)
        if before is None:
            raise RefusedError("no-such-setting", f"{key} is not there, in this namespace of this kernel")
        wanted = completed(key, checked(key, value), before)
        if not same(key, wanted, before):
            items.append(Item(key=key, before=before, wanted=wanted))
    return items


def apply(journal: Journal, request: Request, watch: Callable[[Change], None]) -> Change:
    """Write it into the journal, then into the kernel. The journal's lock must be held.

    Args:
        journal: where it is recorded.
        request: what to do.
        watch: called when the change is in the journal and before anything is written, to see to its deadline.

    Raises:
        RefusedError: ``apply-failed``: all that was done is undone; ``undo-incomplete``: not all of it.
    """
    with uninterrupted():
        change = journal.begin(_begun(request))
        try:
            watch(change)
            for index, item in enumerate(request.items):
                found = item.before if same(item.key, item.before, item.wanted) else _set(item)
                journal.append(change, Wrote(item=index, now=found), durable=False)
            journal.append(change, Applied(at=now()))
            if request.persist and request.deadline is None:
                persist(journal, change)
        except LastackError as error:
            _undo(journal, change, request.by, error.message)
            raise RefusedError("apply-failed", f"nothing is changed: {error.message}", error.hint) from None
        except BaseException:
            undo(journal, change, request.by, "lastack failed")
            raise
    return change


def _undo(journal: Journal, change: Change, by: Actor, why: str) -> None:
    try:
        undo(journal, change, by, why)
    except RefusedError as error:
        if error.slug != "undo-unrecorded":  # then all is as it was, which the next command finds out
            hint = "`lastack rollback` tries again; `lastack journal` has the former values"
            raise RefusedError("undo-incomplete", f"{why}; {error.message}", hint) from None


def _begun(request: Request) -> Begun:
    return Begun(
        id=0,
        token=secrets.token_hex(8),
        at=now(),
        by=request.by,
        host=request.host.name,
        kernel=request.host.kernel,
        boot_id=request.host.boot_id,
        place=request.place,
        summary=request.summary,
        items=request.items,
        persist=request.persist,
        deadline=request.deadline,
    )


def _set(item: Item) -> str:
    """Write it; gives what the kernel made of it: another number where it rounds or clamps."""
    setting.write(item.key, item.wanted)
    found = setting.read(item.key)
    if found is None:
        raise RefusedError("no-such-setting", f"{item.key} is not there any more")
    if same(item.key, found, item.before) and not same(item.key, found, item.wanted):
        raise RefusedError("not-taken", f"the kernel took {item.key} = {item.wanted} and kept {found}")
    return found
