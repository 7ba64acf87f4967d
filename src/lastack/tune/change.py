"""Change: what the records of one change add up to. The state machine of a change is the table below.

    what was written last          the writer lives     the writer died
    begun, wrote                   applying             to be undone
    applied, to be persisted       applying             to be undone
    applied, to be confirmed       waiting              waiting, until its deadline: then to be undone
    applied                        kept                 kept
    confirmed, to be persisted     kept                 kept; the file is missing, `confirm` again writes it
    confirmed, persisted           kept                 kept
    undoing                        undoing              to be undone
    undone                         undone               undone

A reboot ends every change that is not persisted: the kernel forgets settings.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from lastack.errors import InputError
from lastack.plan.value import same
from lastack.tune.record import (
    Applied,
    Begun,
    Confirmed,
    Item,
    Persisted,
    Persisting,
    Record,
    Undoing,
    Undone,
    Wrote,
)

__all__ = ["Change", "Standing", "State"]

State: TypeAlias = Literal["applying", "waiting", "kept", "undoing", "undone", "rebooted"]

# How a setting stands towards a change: as it was before, as the change made it, or as somebody else made it.
Standing: TypeAlias = Literal["before", "ours", "foreign"]


class Change:
    """One change.

    Args:
        records: what its file holds, in order.
        name: the file's name in errors.

    Attributes:
        begun: who, when, where, what.
        wrote: index of an item to the value that the kernel printed after it was written.
        persisting: what went into sysctl.d; None: nothing yet.
        undoing: the last attempt to undo it.
        undone: how that ended.

    Raises:
        InputError: ``damaged-journal``: it does not begin with a beginning.
    """

    def __init__(self, records: Sequence[Record], name: str) -> None:
        begun = records[0] if records else None
        if not isinstance(begun, Begun):
            raise InputError("damaged-journal", f"{name} does not begin with the beginning of a change")
        self.begun = begun
        self.wrote: dict[int, str] = {}
        self.applied: Applied | None = None
        self.confirmed: Confirmed | None = None
        self.persisting: Persisting | None = None
        self.persisted: Persisted | None = None
        self.undoing: Undoing | None = None
        self.undone: Undone | None = None
        for record in records[1:]:
            self.take(record)

    def take(self, record: Record) -> None:
        """Add what happened next."""
        match record:
            case Wrote():
                self.wrote[record.item] = record.now
            case Applied():
                self.applied = record
            case Confirmed():
                self.confirmed = record
            case Persisting():
                self.persisting = record
            case Persisted():
                self.persisted = record
            case Undoing():
                self.undoing = record
            case Undone():
                self.undone = record
            case Begun():
                raise InputError("damaged-journal", f"change {record.id} begins twice")

    @property
    def id(self) -> int:
        """Its number."""
        return self.begun.id

    @property
    def to_persist(self) -> bool:
        """Whether a file in sysctl.d is asked for and not yet there."""
        return self.begun.persist and self.persisted is None

    def state(self, boot_id: str | None) -> State:
        """Where it stands, for somebody who lives in that boot."""
        if self.undone:
            return "undone"
        if self.begun.boot_id != boot_id and not self.persisting:
            return "rebooted"
        if self.undoing:
            return "undoing"
        if self.applied is None:
            return "applying"
        if self.begun.deadline:
            return "kept" if self.confirmed else "waiting"
        return "applying" if self.to_persist else "kept"

    def overdue(self, boottime_s: float) -> bool:
        """Whether it was to be confirmed by now, and is not."""
        deadline = self.begun.deadline
        return deadline is not None and self.confirmed is None and boottime_s >= deadline.boottime_s

    def standing(self, index: int, now: str) -> Standing:
        """How a setting stands that has that value now."""
        item = self.begun.items[index]
        if same(item.key, now, item.before):
            return "before"
        if same(item.key, now, self.wrote.get(index, item.wanted)) or index == self._in_doubt:
            return "ours"
        return "foreign"

    @property
    def _in_doubt(self) -> int | None:
        """The item that was being written when the writer died, if it did.

        Whatever the kernel made of that value was not recorded any more, so it is taken for ours.
        """
        at = len(self.wrote)
        return at if self.applied is None and at < len(self.begun.items) else None

    def item(self, index: int) -> Item:
        """One of its settings."""
        return self.begun.items[index]
