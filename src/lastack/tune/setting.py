"""Reading and writing one setting below /proc/sys, by a walk that follows no link and leaves the folder by no name.

Source: proc_sys(5); kernel/sysctl.c: a file is read and written in one call from its beginning; only a list of ports
longer than a page is taken in pieces (proc_do_large_bitmap). The settings are those of the calling thread's namespace.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from lastack.errors import RefusedError
from lastack.plan.key import parts_of

__all__ = ["PROC_SYS", "read", "write"]

PROC_SYS = "/proc/sys"

_LARGEST = 1 << 18  # every second port, as a list
_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)

_REASONS = {
    errno.EROFS: "/proc/sys is mounted read-only, as in a container",
    errno.EACCES: "not yours to write: it takes root, and a setting of the whole machine its first namespace",
    errno.EPERM: "the kernel does not permit it",
    errno.EINVAL: "the kernel takes no such value",
    errno.ERANGE: "the number is out of the kernel's range",
}


def read(key: str, root: str = PROC_SYS) -> str | None:
    """The value as the kernel prints it, one space between numbers; None where there is no such setting.

    Raises:
        InputError: ``bad-setting-name``.
        RefusedError: ``unreadable-file``.
    """
    try:
        with _opened(key, os.O_RDONLY, root) as file:
            content = os.read(file, _LARGEST)
    except _ABSENT:
        return None
    except OSError as error:
        raise RefusedError("unreadable-file", f"{key} cannot be read: {error.strerror}") from None
    return " ".join(content.decode("utf-8", "backslashreplace").split())


def write(key: str, value: str, root: str = PROC_SYS) -> None:
    """Give it that value.

    Raises:
        InputError: ``bad-setting-name``.
        RefusedError: ``no-such-setting``, ``setting-refused``.
    """
    try:
        with _opened(key, os.O_WRONLY, root) as file:
            _write_all(file, value.encode() + b"\n")
    except _ABSENT:
        raise RefusedError("no-such-setting", f"{key} is not there (any more)") from None
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise RefusedError("setting-refused", f"{key} = {value} cannot be written: {reason}") from None


@contextmanager
def _opened(key: str, flags: int, root: str) -> Iterator[int]:
    *folders, name = parts_of(key)
    at = os.open(root, _FOLDER)
    try:
        for folder in folders:
            below = os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        file = os.open(name, flags | _FILE, dir_fd=at)
    finally:
        os.close(at)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        yield file
    finally:
        os.close(file)


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]
