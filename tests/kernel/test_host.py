"""The host at a moment."""

import platform
import socket
import time
from pathlib import Path

from lastack.kernel.host import read_host


def test_says_which_host_kernel_and_boot() -> None:
    """Name, release and boot id are those that other interfaces give."""
    host = read_host()
    assert (host.name, host.kernel) == (socket.gethostname(), platform.release())
    assert host.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_time_is_an_argument(tmp_path: Path) -> None:
    """Both clocks are the caller's; the time is RFC 3339 in UTC; no boot id under a root without one."""
    clocks = {time.CLOCK_REALTIME: 1_700_000_000.25, time.CLOCK_BOOTTIME: 12.5}
    host = read_host(str(tmp_path), clocks.__getitem__)
    assert (host.taken_at, host.uptime_s, host.boot_id) == ("2023-11-14T22:13:20.250Z", 12.5, None)


def test_uptime_is_the_kernels() -> None:
    """The default clock agrees with /proc/uptime, which is CLOCK_BOOTTIME in hundredths."""
    before = float(Path("/proc/uptime").read_text().split()[0])
    uptime_s = read_host().uptime_s
    after = float(Path("/proc/uptime").read_text().split()[0])
    assert before <= uptime_s <= after + 0.01
