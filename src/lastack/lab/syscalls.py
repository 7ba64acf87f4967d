"""The few system calls of the lab that Python 3.11 does not have.

``unshare(2)``, ``setns(2)``, ``mount(2)`` and ``prctl(2)``, through the C library. Each raises OSError with the call's
errno.
"""

import ctypes
import os
import signal
from typing import NamedTuple

__all__ = [
    "KINDS",
    "NET",
    "Kind",
    "die_with_parent",
    "make_mounts_private",
    "mount_proc",
    "set_name",
    "setns",
    "unshare",
]

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15  # include/uapi/linux/prctl.h
_MS_NOSUID_NODEV_NOEXEC = 0x2 | 0x4 | 0x8  # include/uapi/linux/mount.h
_MS_REC_PRIVATE = 0x4000 | 0x40000


class Kind(NamedTuple):
    """A kind of namespace.

    Attributes:
        name: its file in /proc/PID/ns, and its word in ``user.max_NAME_namespaces``.
        flag: its CLONE_NEW* flag, include/uapi/linux/sched.h.
    """

    name: str
    flag: int


# In the order of making and entering them: the user namespace grants the right to the others.
KINDS = (Kind("user", 0x10000000), Kind("mnt", 0x00020000), Kind("net", 0x40000000), Kind("pid", 0x20000000))
NET = KINDS[2]

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(kind: Kind) -> None:
    """Leave the namespace of this kind for a new one; a pid namespace takes only children born from now on."""
    _check(_libc.unshare(kind.flag), f"unshare({kind.name})")


def setns(descriptor: int, kind: Kind) -> None:
    """Enter the namespace that an open file of /proc/PID/ns stands for; a pid namespace as in ``unshare``."""
    _check(_libc.setns(descriptor, kind.flag), f"setns({kind.name})")


def make_mounts_private() -> None:
    """Let no mount of this mount namespace reach the one that it was copied from."""
    _check(_libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC_PRIVATE), None), "mount(/, MS_PRIVATE)")


def mount_proc() -> None:
    """Mount a /proc that shows this process's pid namespace."""
    flags = ctypes.c_ulong(_MS_NOSUID_NODEV_NOEXEC)
    _check(_libc.mount(b"proc", b"/proc", b"proc", flags, None), "mount(/proc)")


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends, whatever ends it."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0), "prctl(PR_SET_PDEATHSIG)")


def set_name(name: str) -> None:
    """Name this process as ``ps`` and ``ss -p`` show it; the kernel keeps 15 bytes."""
    _check(_libc.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()[:15]), 0, 0, 0), "prctl(PR_SET_NAME)")


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
