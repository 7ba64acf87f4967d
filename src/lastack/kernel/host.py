"""Which machine, which boot, which kernel, and what time it is there."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from lastack.kernel.sysctl import read_setting

__all__ = ["Host", "read_host"]


class Host(NamedTuple):
    """A host at a moment.

    Attributes:
        name: of the calling process's UTS namespace, as ``uname -n``.
        kernel: release, as ``uname -r``.
        boot_id: a UUID that each boot draws anew (random(4)); None: not visible.
        uptime_s: seconds since boot, suspended time included (CLOCK_BOOTTIME).
        taken_at: RFC 3339, UTC, to the millisecond.
    """

    name: str
    kernel: str
    boot_id: str | None
    uptime_s: float
    taken_at: str


def read_host(root: str = "/proc/sys", clock: Callable[[int], float] = time.clock_gettime) -> Host:
    """The host that we run on; ``clock`` takes a clock's number and gives seconds.

    Raises:
        RefusedError: ``unreadable-file``: the boot's id may not be read.
    """
    uname = os.uname()
    taken_at = datetime.fromtimestamp(clock(time.CLOCK_REALTIME), UTC).isoformat(timespec="milliseconds")
    return Host(
        name=uname.nodename,
        kernel=uname.release,
        boot_id=read_setting("kernel.random.boot_id", root),
        uptime_s=clock(time.CLOCK_BOOTTIME),
        taken_at=taken_at.replace("+00:00", "Z"),
    )
