"""Network namespaces: which one the calling thread is in, and into another one and back.

Source: setns(2), network_namespaces(7), ip-netns(8). A namespace belongs to a thread, so after ``enter`` the files to
read are those below ``net_root``: /proc/net is the main thread's.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lastack.errors import RefusedError
from lastack.kernel.procfile import list_folder, printable, refused

__all__ = ["FOLDERS", "current", "enter", "locate", "net_root", "of_process", "settle"]

# Where `ip netns` and, through CNI, container runtimes keep namespaces by name, and where Docker does.
FOLDERS = ("/run/netns", "/var/run/netns", "/run/docker/netns")

_OWN = "thread-self/ns/net"
_SHOWN = 20  # names in a hint
_CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h


def net_root(proc_root: str = "/proc") -> str:
    """The folder of network files that shows the calling thread's namespace."""
    return f"{proc_root}/thread-self/net"


def current(proc_root: str = "/proc") -> str:
    """The calling thread's namespace, ``net:[inode]``.

    Raises:
        RefusedError: ``unreadable-file``: there is no such link, for want of /proc or of CONFIG_NET_NS.
    """
    path = f"{proc_root}/{_OWN}"
    try:
        return os.readlink(path)
    except OSError as error:
        raise refused(path, error) from None


def of_process(pid: int, proc_root: str = "/proc") -> str | None:
    """The namespace of a process's main thread, ``net:[inode]``; None: it has ended, or may not be looked into."""
    try:
        return os.readlink(f"{proc_root}/{pid}/ns/net")
    except OSError:
        return None


@contextmanager
def enter(target: str, folders: Sequence[str] = FOLDERS, proc_root: str = "/proc") -> Iterator[None]:
    """Move the calling thread into a namespace, ``target`` as for ``locate``, for the length of a ``with`` block.

    The namespace that the thread is in already takes no privilege. A thread that could not come back is not moved.

    Raises:
        RefusedError: ``no-such-namespace``, ``not-a-namespace``, ``namespace-forbidden``.
    """
    path = locate(target, folders, proc_root)
    with _opened(f"{proc_root}/{_OWN}") as home, _opened(path) as there:
        if os.path.sameopenfile(home, there):
            yield
            return
        # All namespaces' files are of one file system. Asked about any other file, the kernel would tell an
        # ordinary user EPERM, and a search for privileges would begin that do not help.
        if os.fstat(home).st_dev != os.fstat(there).st_dev:
            raise _not_a_namespace(path)
        _set_namespace(home, path)  # shows that there is a way back
        _set_namespace(there, path)
        try:
            yield
        finally:
            _set_namespace(home, path)


def settle(target: str, folders: Sequence[str] = FOLDERS, proc_root: str = "/proc") -> None:
    """Move the calling thread into a namespace for good; threads that it begins later are born there.

    Raises:
        RefusedError: as ``enter``.
    """
    path = locate(target, folders, proc_root)
    with _opened(f"{proc_root}/{_OWN}") as home, _opened(path) as there:
        if os.path.sameopenfile(home, there):
            return
        if os.fstat(home).st_dev != os.fstat(there).st_dev:
            raise _not_a_namespace(path)
        _set_namespace(there, path)


def locate(target: str, folders: Sequence[str] = FOLDERS, proc_root: str = "/proc") -> str:
    """The file that stands for a namespace.

    What begins with ``/`` or ``.`` is the path itself. Anything else is the name of a file in one of ``folders``, the
    first that has it; failing that, a number is the pid of a process that lives in the namespace.

    Raises:
        RefusedError: ``no-such-namespace``: neither a path, nor a name there, nor a pid.
    """
    if target.startswith(("/", ".")):
        return target
    if target and "/" not in target:
        for folder in folders:
            if os.path.lexists(f"{folder}/{target}"):
                return f"{folder}/{target}"
        if _is_number(target) and os.path.lexists(f"{proc_root}/{target}"):
            return f"{proc_root}/{target}/ns/net"
    raise _unknown(target, folders)


def _unknown(target: str, folders: Sequence[str]) -> RefusedError:
    names: set[str] = set()
    closed = []
    for folder in folders:
        try:
            names.update(list_folder(folder))
        except RefusedError:
            closed.append(folder)
    shown = [printable(name) for name in sorted(names)[:_SHOWN]]
    if len(names) > _SHOWN:
        shown.append(f"and {len(names) - _SHOWN} more")
    hint = f"by name there are: {', '.join(shown) or 'none'}; a pid, or a path that begins with / or ., will do too"
    if closed:
        hint += f"; only root may look into {', '.join(closed)}"
    tried = f"{', '.join(folders)}{', nor is it a pid' if _is_number(target) else ''}"
    return RefusedError("no-such-namespace", f"no network namespace {target!r} in {tried}", hint)


def _is_number(target: str) -> bool:
    return target.isascii() and target.isdecimal()


@contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        # O_NONBLOCK: whatever the path leads to, a FIFO too, opening it does not wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        raise RefusedError("no-such-namespace", f"no network namespace {path}: there is no such file") from None
    except PermissionError:
        raise _forbidden(path, "the right to open this file (for another user's process, CAP_SYS_PTRACE)") from None
    except OSError:
        raise _not_a_namespace(path) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _set_namespace(descriptor: int, path: str) -> None:
    # os.setns() is there from Python 3.12 on. Imported here: most runs enter no namespace.
    import ctypes  # noqa: PLC0415

    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET) == 0:
        return
    number = ctypes.get_errno()
    if number == errno.EPERM:
        raise _forbidden(path, "CAP_SYS_ADMIN")
    if number == errno.EINVAL:
        raise _not_a_namespace(path)
    raise refused(path, OSError(number, os.strerror(number)))


def _not_a_namespace(path: str) -> RefusedError:
    return RefusedError("not-a-namespace", f"{path} does not stand for a network namespace")


def _forbidden(path: str, needs: str) -> RefusedError:
    return RefusedError(
        "namespace-forbidden",
        f"the network namespace {path} may not be entered: that takes {needs}",
        "run as root; for a rootless container, run: nsenter --preserve-credentials --user --net --target PID lastack",
    )
