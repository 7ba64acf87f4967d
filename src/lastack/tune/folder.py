"""Folders and files of ours: made with safe modes, and refused where somebody else could have written them."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from lastack.errors import RefusedError

__all__ = ["open_folder", "read_whole", "replace"]

_OTHERS_WRITE = 0o022
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ALL_IDS = "4294967295"
_TRUSTED = {0}


def open_folder(path: str, *, create: bool) -> int | None:
    """An open folder that nobody but us and root can have changed, nor any folder above it; None: there is none.

    Args:
        path: absolute.
        create: make it, for its owner alone, where there is none.

    Raises:
        RefusedError: ``unsafe-folder``, ``state-folder-refused``.
    """
    try:
        if create:
            _make(Path(path))
        real = Path(path).parent.resolve()
        for above in dict.fromkeys([*Path(path).parents, real, *real.parents]):
            _check_above(above)
        folder = os.open(real / Path(path).name, _FOLDER)
    except FileNotFoundError:
        return None
    except OSError as error:
        hint = "name a folder of yours with --state" if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS} else ""
        raise RefusedError("state-folder-refused", f"{path}: {error.strerror}", hint) from None
    try:
        _check(os.fstat(folder), path)
    except BaseException:
        os.close(folder)
        raise
    return folder


def read_whole(name: str, folder: int, path: str) -> bytes | None:
    """The content of a file that nobody but us and root can have written; None: there is none.

    Raises:
        RefusedError: ``unsafe-folder``: it is a link, or another user could have written it.
        OSError: it cannot be read.
    """
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _unsafe(f"{path}/{name}", "it is a symbolic link") from None
        raise
    with os.fdopen(file, "rb") as opened:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise _unsafe(f"{path}/{name}", "it is no plain file, or has a second name")
        _check(status, f"{path}/{name}")
        return opened.read()


def replace(name: str, content: bytes | None, folder: int, mode: int) -> None:
    """Put a file in place in one step and for good, whatever happens; ``content`` None removes it.

    Raises:
        OSError: it could not be done, and nothing is changed.
    """
    if content is None:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
        os.fsync(folder)
        return
    beside = f".{name}.{os.getpid()}"
    with suppress(FileNotFoundError):
        os.unlink(beside, dir_fd=folder)  # of a process that had this pid, and died
    try:
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode, dir_fd=folder)
        with os.fdopen(file, "wb") as opened:
            os.fchmod(file, mode)
            opened.write(content)
            opened.flush()
            os.fsync(file)
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise
    os.fsync(folder)


def _make(path: Path) -> None:
    before = os.umask(0o077)  # parents get no mode of their own
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    finally:
        os.umask(before)


def _check_above(path: Path) -> None:
    """A folder, or a link in the place of one, on the way to ours: nobody else may put another in its place."""
    status = path.lstat()
    if status.st_uid not in {*_TRUSTED, os.geteuid(), *_nameless()}:
        raise _unsafe(str(path), f"it belongs to the user {status.st_uid}")
    if status.st_mode & _OTHERS_WRITE and not status.st_mode & stat.S_ISVTX and not stat.S_ISLNK(status.st_mode):
        raise _unsafe(str(path), "others may write there")


def _check(status: os.stat_result, path: str) -> None:
    if status.st_uid not in {*_TRUSTED, os.geteuid()}:
        raise _unsafe(path, f"it belongs to the user {status.st_uid}")
    if status.st_mode & _OTHERS_WRITE:
        raise _unsafe(path, "others may write there")


def _nameless() -> set[int]:
    """In a user namespace that has no name for the machine's root: what root is shown as (user_namespaces(7))."""
    if Path("/proc/self/uid_map").read_text("ascii").split() == ["0", "0", _ALL_IDS]:
        return set()
    return {int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))}


def _unsafe(path: str, why: str) -> RefusedError:
    hint = "what is there is written into the kernel: nobody but its owner and root may be able to change it"
    return RefusedError("unsafe-folder", f"{path} is not to be trusted: {why}", hint)
