"""Forking children that never come back into the caller's code."""

import contextlib
import errno
import os
import signal
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from lastack.errors import RefusedError

__all__ = ["close_files", "fork", "ignore_keyboard", "open_files", "reap", "split", "stand_in_for"]


def fork(body: Callable[[], object]) -> int:
    """Run ``body`` in a child; returns the child's pid.

    The child exits with 0, or with 1 after an exception, whose traceback goes to stderr. What it prints it must flush.

    Raises:
        RefusedError: ``lab-limit``.
    """
    pid = split()
    if pid:
        return pid
    code = 1
    try:
        body()
        code = 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - whatever it is must not unwind into the caller's frames
        traceback.print_exc()
    finally:
        os._exit(code)


def split() -> int:
    """``os.fork``. Raises RefusedError: ``lab-limit``: there may be no more processes."""
    try:
        return os.fork()
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.ENOMEM}:
            raise
        hint = "raise RLIMIT_NPROC (ulimit -u), kernel.pid_max or the container's pids and memory limits"
        raise RefusedError("lab-limit", f"the lab may have no more processes: {error.strerror}", hint) from None


def ignore_keyboard() -> None:
    """Leave what a terminal sends to a whole process group to the one process that ends the others."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def open_files() -> list[int]:
    """The numbers of this process's open files (one of them is closed again: the folder that lists them)."""
    return [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]


def close_files(descriptors: Iterable[int]) -> None:
    """Close what is open among them. Closing by list: a limit of a billion files makes closing by range slow."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def reap(pid: int) -> int:
    """Wait for a child; its exit code as ``subprocess`` has it, negative for a signal; 0 if it was reaped before."""
    with contextlib.suppress(ChildProcessError):
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return 0


def stand_in_for(child: int, files: Iterable[int]) -> NoReturn:
    """Be ``child`` towards our own parent: pass SIGTERM on to it, close ``files``, and end as it ends."""
    ignore_keyboard()
    signal.signal(signal.SIGTERM, lambda _number, _frame: os.kill(child, signal.SIGTERM))
    close_files(files)
    code = reap(child)
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL takes no handler
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
