"""Our file in sysctl.d: the settings that are to be there after a reboot. Nothing of it is there before confirmation.

The file is ours alone and always rewritten whole; a file that is not as we write it is left as it is.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lastack.errors import RefusedError
from lastack.tune.change import Change
from lastack.tune.folder import open_folder, read_whole, replace
from lastack.tune.journal import Journal
from lastack.tune.record import FileLine, Persisted, Persisting
from lastack.tune.who import now

__all__ = ["FILE", "FOLDER", "forget", "persist"]

FOLDER = "/etc/sysctl.d"
FILE = "99-lastack.conf"

_HEADER = (
    "# Written by lastack, which rewrites it whole: put lines of your own into another file.",
    "# `lastack journal` tells which change wrote each line, and `lastack rollback` takes it back.",
)
_LINE = re.compile(r"([a-z]\S*) = (.*)")
_MODE = 0o644


def persist(journal: Journal, change: Change, folder: str = FOLDER) -> None:
    """Put the settings of a change into the file. Told twice, it does what is left to do.

    Raises:
        RefusedError: ``persist-refused``, ``unsafe-folder``, ``not-our-file``, ``journal-refused``.
    """
    with _entries_in(folder) as entries:
        if change.persisting is None:
            lines = [
                FileLine(key=item.key, before=entries.get(item.key), wanted=item.wanted) for item in change.begun.items
            ]
            journal.append(change, Persisting(at=now(), path=f"{folder}/{FILE}", lines=lines))
        assert change.persisting is not None
        entries |= {line.key: line.wanted for line in change.persisting.lines}
    journal.append(change, Persisted(at=now()))


def forget(change: Change, *, force: bool) -> dict[str, str]:
    """Give the file's lines back what they were before a change.

    Gives those that somebody else changed since and that were left as they are: name to value.

    Raises:
        RefusedError: ``persist-refused``, ``unsafe-folder``, ``not-our-file``.
    """
    if change.persisting is None:
        return {}
    left: dict[str, str] = {}
    with _entries_in(str(Path(change.persisting.path).parent)) as entries:
        for line in change.persisting.lines:
            value = entries.get(line.key)
            if value == line.before:
                continue
            if value != line.wanted and not force:
                left[f"{change.persisting.path}: {line.key}"] = value or "(no line)"
            elif line.before is None:
                entries.pop(line.key, None)
            else:
                entries[line.key] = line.before
    return left


@contextmanager
def _entries_in(folder: str) -> Iterator[dict[str, str]]:
    """The file's lines, to be changed; at the end the file is replaced, or removed where none is left."""
    try:
        at = open_folder(folder, create=False)
        if at is None:
            raise RefusedError("persist-refused", f"{folder}: there is no such folder, so no boot reads it")
        try:
            before = _read(folder, at)
            entries = dict(before)
            yield entries
            if entries != before:
                replace(FILE, _render(entries) if entries else None, at, _MODE)
        finally:
            os.close(at)
    except OSError as error:
        raise RefusedError("persist-refused", f"{folder}/{FILE} cannot be written: {error.strerror}") from None


def _read(folder: str, at: int) -> dict[str, str]:
    content = read_whole(FILE, at, folder)
    if content is None:
        return {}
    lines = content.decode("utf-8", "replace").splitlines()
    entries = [_LINE.fullmatch(line) for line in lines if line not in _HEADER]
    if not all(entries):
        hint = "move lines of your own to another file in that folder"
        raise RefusedError("not-our-file", f"{folder}/{FILE} is not as lastack writes it, and is left as it is", hint)
    return {entry[1]: entry[2] for entry in entries if entry}


def _render(entries: dict[str, str]) -> bytes:
    return "".join(f"{line}\n" for line in [*_HEADER, *(f"{key} = {value}" for key, value in entries.items())]).encode()
