"""The journal: a folder that is its owner's alone, with a file for every change, and a lock.

``lock`` is held by flock(2) while settings or records are written; ``changes/7.jsonl`` is change 7, see ``record``.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, Self

from msgspec.structs import replace as renumbered

from lastack.errors import InputError, RefusedError
from lastack.tune.change import Change
from lastack.tune.folder import open_folder, read_whole
from lastack.tune.record import Begun, Record, pack, unpack

__all__ = ["Journal", "default_folder"]

_FILE = re.compile(r"([1-9][0-9]{0,8})\.jsonl")
_LOOK_AGAIN_S = 0.02


def default_folder() -> str:
    """Where the journal is: root's in /var/lib, everybody else's below their home (XDG base directories)."""
    if os.geteuid() == 0:
        return "/var/lib/lastack"
    return str(Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state", "lastack"))


class Journal:
    """The changes made from this host; a context manager.

    Args:
        path: the folder.
        create: make it where there is none; else a journal that is not there is empty.

    Raises:
        RefusedError: ``unsafe-folder``, ``state-folder-refused``.
    """

    def __init__(self, path: str, *, create: bool = False) -> None:
        self.path = str(Path.cwd() / path)
        self._folder = open_folder(self.path, create=create)
        self._changes = None if self._folder is None else open_folder(f"{self.path}/changes", create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folders."""
        for descriptor in (self._folder, self._changes):
            if descriptor is not None:
                os.close(descriptor)
        self._folder = self._changes = None

    @contextmanager
    def locked(self, patience_s: float) -> Iterator[None]:
        """Hold the lock; whoever holds it when a change is unfinished knows that its writer is dead.

        Raises:
            RefusedError: ``journal-locked`` after that many seconds.
        """
        if self._folder is None:  # no journal: nobody can be writing it
            yield
            return
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            lock = os.open("lock", flags, 0o600, dir_fd=self._folder)
        except OSError as error:
            self._refuse("lock", error)
        with os.fdopen(lock, "r+b", buffering=0) as file:
            until = time.monotonic() + patience_s
            while not _try_lock(lock):
                if time.monotonic() >= until:
                    holder = file.read(20).decode("ascii", "replace").strip()
                    raise RefusedError(
                        "journal-locked", f"another lastack (pid {holder}) is changing settings", "try again later"
                    )
                time.sleep(_LOOK_AGAIN_S)
            with suppress(OSError):  # only for people
                os.truncate(lock, 0)
                os.pwrite(lock, b"%d\n" % os.getpid(), 0)
            yield

    def changes(self) -> list[Change]:
        """Every change, oldest first. One whose beginning was cut never began, and is left out.

        Raises:
            InputError: ``damaged-journal``.
            RefusedError: ``unsafe-folder``, ``journal-refused``.
        """
        return [change for number in self._numbers() if (change := self._load(number))]

    def change(self, number: int) -> Change:
        """One change.

        Raises:
            InputError: ``no-such-change``, ``damaged-journal``.
            RefusedError: ``unsafe-folder``, ``journal-refused``.
        """
        change = self._load(number) if self._changes is not None else None
        if change is None:
            raise InputError("no-such-change", f"there is no change {number} in {self.path}", "see `lastack journal`")
        return change

    def begin(self, begun: Begun) -> Change:
        """Write the beginning of a change, durably; its number is the next one.

        Raises:
            RefusedError: ``journal-refused``: it cannot be written, and nothing is changed.
        """
        number = max(self._numbers(), default=0) + 1
        numbered = renumbered(begun, id=number)
        name = f"{number}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            file = os.open(name, flags, 0o600, dir_fd=self._changes)
            try:
                _write_all(file, pack(numbered))
                os.fsync(file)
                self._sync_folder()
            except OSError:
                os.unlink(name, dir_fd=self._changes)
                raise
            finally:
                os.close(file)
        except OSError as error:
            self._refuse(name, error)
        return Change([numbered], f"{self.path}/changes/{name}")

    def append(self, change: Change, record: Record, *, durable: bool = True) -> None:
        """Write what happened next, behind the last line that is whole.

        Args:
            change: the change, which is told as well.
            record: what happened.
            durable: survive a crash of the host too.

        Raises:
            RefusedError: ``journal-refused``.
        """
        name = f"{change.id}.jsonl"
        try:
            file = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._changes)
            try:
                whole = self._whole(file, name)
                os.ftruncate(file, whole)
                os.lseek(file, whole, os.SEEK_SET)
                _write_all(file, pack(record))
                if durable:
                    os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            self._refuse(name, error)
        change.take(record)

    def _whole(self, file: int, name: str) -> int:
        with os.fdopen(os.dup(file), "rb") as opened:
            return unpack(opened.read(), f"{self.path}/changes/{name}")[1]

    def _numbers(self) -> list[int]:
        if self._changes is None:
            return []
        with os.scandir(self._changes) as entries:
            return sorted(int(match[1]) for entry in entries if (match := _FILE.fullmatch(entry.name)))

    def _load(self, number: int) -> Change | None:
        assert self._changes is not None
        name, path = f"{number}.jsonl", f"{self.path}/changes"
        try:
            content = read_whole(name, self._changes, path)
        except OSError as error:
            self._refuse(name, error)
        records, _ = unpack(content or b"", f"{path}/{name}")
        return Change(records, f"{path}/{name}") if records else None

    def _sync_folder(self) -> None:
        assert self._changes is not None
        os.fsync(self._changes)

    def _refuse(self, name: str, error: OSError) -> NoReturn:
        raise RefusedError("journal-refused", f"{self.path}: {name}: {error.strerror}") from None


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]
