"""Settings of a network namespace that nobody has touched: this kernel's defaults, asked of it."""

import ctypes
import os
import threading
from collections.abc import Iterable

from lastack.errors import RefusedError
from lastack.kernel.sysctl import read_settings

__all__ = ["fresh_settings"]

_CLONE_NEWNET = 0x40000000  # include/uapi/linux/sched.h


def fresh_settings(names: Iterable[str]) -> dict[str, str]:
    """What these are where a namespace begins; without those that a namespace has not of its own and does not show.

    A thread moves into a new namespace, reads and ends, and the namespace with it.

    Raises:
        RefusedError: ``no-fresh-namespace``: that takes CAP_SYS_ADMIN.
    """
    found: dict[str, str] = {}
    refusal: list[str] = []

    def look() -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            refusal.append(os.strerror(ctypes.get_errno()))
        else:
            found.update(read_settings(names)[0])

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    if refusal:
        raise RefusedError("no-fresh-namespace", f"no new network namespace may be made: {refusal[0]}", "run as root")
    return found
