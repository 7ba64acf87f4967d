"""Test functions that run in a process of their own: as an ordinary user, or in namespaces of their own.

None of it takes root. Where the kernel does not allow it, the test is skipped, or fails if LASTACK_KERNEL_TESTS is 1.
"""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import NoReturn, TypeVar

import pytest

__all__ = [
    "NEWNET",
    "NEWNS",
    "NEWUSER",
    "bind_mount",
    "neighbour",
    "run_as_nobody",
    "run_private",
    "unavailable",
    "unshare",
]

NEWNS, NEWUSER, NEWNET = 0x00020000, 0x10000000, 0x40000000  # include/uapi/linux/sched.h

_NOBODY = 65534
_PR_SET_DUMPABLE = 4  # include/uapi/linux/prctl.h
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_MS_BIND = 4096

_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")


def unavailable(reason: str) -> NoReturn:
    """Skip the test, or fail it where the environment promises a kernel to test with."""
    if os.environ.get("LASTACK_KERNEL_TESTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def run_private(function: Callable[..., T], *arguments: object, flags: int = NEWUSER | NEWNET) -> T:
    """The function's result from a process in new namespaces, loopback up, all capabilities there and none here."""
    return _run(flags, function, arguments, None)


def run_as_nobody(function: Callable[..., T], *arguments: object) -> T:
    """The function's result from a process of an ordinary user, in no new namespace."""
    return _run(0, function, arguments, _NOBODY)


def unshare(flags: int) -> None:
    """Leave the namespaces of these kinds for new ones."""
    _check(_libc.unshare(flags))


def bind_mount(source: str, target: str) -> None:
    """Let the target, a file, stand for what the source stands for, as mount(2) does with MS_BIND."""
    _check(_libc.mount(source.encode(), target.encode(), None, _MS_BIND, None))


@contextmanager
def neighbour() -> Iterator[int]:
    """A child process in a network namespace of its own, for the length of the block; its pid."""
    ready, started = os.pipe()
    waiting, release = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(release)
        unshare(NEWNET)
        os.write(started, b".")
        os.read(waiting, 1)  # ends when the parent lets go, or ends itself
        os._exit(0)
    os.close(waiting)
    try:
        os.read(ready, 1)
        yield pid
    finally:
        os.close(release)
        os.waitpid(pid, 0)


def _run(flags: int, function: Callable[..., T], arguments: tuple[object, ...], user: int | None) -> T:
    # Spawned, not forked: a test runner has threads.
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:
        # With the function its module is imported there: later the user may not be able to read the interpreter's.
        refusal = executor.submit(_isolate, flags, user, function).result()
        if refusal:
            unavailable(refusal)
        return executor.submit(function, *arguments).result()


def _isolate(flags: int, user: int | None, _function: Callable[..., object]) -> str:
    if user is not None and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    try:
        unshare(flags)
        # To change its user hides a process even from that user; to be started by that user would not.
        _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0))
        if flags & NEWNET:
            _loopback_up()
    except OSError as error:
        return f"no private namespaces here: {error}"
    return ""


def _loopback_up() -> None:
    with socket.socket() as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
