r"""The journal's format: one file a change, one line a record.

    CRC32 of the rest, 8 hexadecimal digits; a space; the record as JSON; a newline

    e3b5f0c1 {"record":"begun","id":7,...}      synced before the first setting is written
    5d0f6f2e {"record":"wrote","item":0,...}    what the kernel made of it, one for each setting
    ...
    91f7a8aa {"record":"applied",...}           synced: all settings are written, read back and found right
    0c1be1d5 {"record":"confirmed",...}         synced: somebody said that it may stay
    ...

A line that was cut is the last one, and counts as not written: whoever appends removes it first. Only what a reboot
does not undo by itself is synced: a ``wrote`` is safe from ``kill -9``, and after a crash of the host there is nothing
left that it would tell about. A ``begun`` is synced all the same: if a change brings the host down, it is on record.
"""

from typing import TypeAlias
from zlib import crc32

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import Decoder, Encoder

from lastack.errors import InputError

__all__ = [
    "Actor",
    "Applied",
    "Begun",
    "Confirmed",
    "Deadline",
    "FileLine",
    "Item",
    "Persisted",
    "Persisting",
    "Place",
    "Record",
    "Undoing",
    "Undone",
    "Wrote",
    "pack",
    "unpack",
]


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did it.

    Attributes:
        user: name of the effective user, or its number.
        login: who logged in, where that is somebody else (the kernel's login uid, credentials(7)).
        terminal: path of the terminal; None: none.
        pid: of the process.
    """

    user: str
    login: str | None = None
    terminal: str | None = None
    pid: int


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which namespace.

    Attributes:
        netns: ``net:[inode]``; an inode may be given to another namespace later.
        cookie: a number that no other namespace of this boot gets (SO_NETNS_COOKIE); None: older than Linux 5.14.
        target: what it was asked for by; None: it was the caller's own.
    """

    netns: str
    cookie: int | None = None
    target: str | None = None


class Deadline(Struct, frozen=True, kw_only=True):
    """By when it must be confirmed.

    Attributes:
        within_s: seconds given.
        at: RFC 3339, UTC; for people, as clocks are set.
        boottime_s: by the clock that counts since boot, which is what decides.
    """

    within_s: float
    at: str
    boottime_s: float


class Item(Struct, frozen=True, kw_only=True):
    """A setting to change.

    Attributes:
        key: its name.
        before: its value before.
        wanted: the value to give it.
    """

    key: str
    before: str
    wanted: str


class FileLine(Struct, frozen=True, kw_only=True):
    """A line of the file in sysctl.d.

    Attributes:
        key: of the setting.
        before: its value there before; None: there was no such line.
        wanted: the value that it gets.
    """

    key: str
    before: str | None
    wanted: str


class Begun(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="record", tag="begun"):
    """The change begins: all that is needed to undo it.

    Attributes:
        id: its number.
        token: random; tells it from a change of the same number in another journal.
        at: RFC 3339, UTC.
        by: who.
        host: the host's name.
        kernel: release.
        boot_id: of this boot.
        place: which namespace.
        summary: of the plan.
        items: the settings, in the order in which they are written.
        persist: whether it goes into a file in sysctl.d as well.
        deadline: by when it must be confirmed; None: it need not be.
    """

    id: int
    token: str
    at: str
    by: Actor
    host: str
    kernel: str
    boot_id: str | None
    place: Place
    summary: str
    items: list[Item]
    persist: bool = False
    deadline: Deadline | None = None


class Wrote(Struct, frozen=True, kw_only=True, tag_field="record", tag="wrote"):
    """The setting with that index is written; ``now`` is what the kernel prints since."""

    item: int
    now: str


class Applied(Struct, frozen=True, kw_only=True, tag_field="record", tag="applied"):
    """All settings are written and right.

    Attributes:
        at: RFC 3339, UTC.
    """

    at: str


class Confirmed(Struct, frozen=True, kw_only=True, tag_field="record", tag="confirmed"):
    """It may stay.

    Attributes:
        at: RFC 3339, UTC.
        by: who.
    """

    at: str
    by: Actor


class Persisting(Struct, frozen=True, kw_only=True, tag_field="record", tag="persisting"):
    """The file in sysctl.d is about to be replaced.

    Attributes:
        at: RFC 3339, UTC.
        path: of the file.
        lines: those of this change.
    """

    at: str
    path: str
    lines: list[FileLine]


class Persisted(Struct, frozen=True, kw_only=True, tag_field="record", tag="persisted"):
    """The file in sysctl.d is there.

    Attributes:
        at: RFC 3339, UTC.
    """

    at: str


class Undoing(Struct, frozen=True, kw_only=True, tag_field="record", tag="undoing"):
    """It is about to be undone.

    Attributes:
        at: RFC 3339, UTC.
        by: who.
        why: a clause.
    """

    at: str
    by: Actor
    why: str


class Undone(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="record", tag="undone"):
    """It is undone.

    Attributes:
        at: RFC 3339, UTC.
        left: what was left alone, because somebody else changed it since: key to value.
        gone: what is not there any more: keys, or the whole namespace.
    """

    at: str
    left: dict[str, str] = {}
    gone: list[str] = []


Record: TypeAlias = Begun | Wrote | Applied | Confirmed | Persisting | Persisted | Undoing | Undone

_CHECKSUM = 9  # characters, the space included

_encoder = Encoder()
_decoder: Decoder[Record] = Decoder(Record)


def pack(record: Record) -> bytes:
    """The record as a line."""
    document = _encoder.encode(record)
    return b"%08x %b\n" % (crc32(document), document)


def unpack(content: bytes, name: str) -> tuple[list[Record], int]:
    """The records in a file, and how many bytes they take; what follows is a line that was cut.

    Args:
        content: the whole file.
        name: its name in errors.

    Raises:
        InputError: ``damaged-journal``: a line that is not the last one is not what was written.
    """
    records: list[Record] = []
    whole = 0
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]  # what follows the last newline: nothing, or the beginning of a line that was cut
    for number, line in enumerate(filter(None, lines), 1):
        if not _is_whole(line):
            if whole + len(line) < len(content):
                raise InputError("damaged-journal", f"{name}, line {number} is damaged: its checksum does not fit")
            break
        try:
            records.append(_decoder.decode(line[_CHECKSUM:]))
        except (DecodeError, ValidationError) as error:
            raise InputError("damaged-journal", f"{name}, line {number} is no record that we know: {error}") from None
        whole += len(line)
    return records, whole


def _is_whole(line: bytes) -> bool:
    return line.endswith(b"\n") and line[:_CHECKSUM] == b"%08x " % crc32(line[_CHECKSUM:-1])
