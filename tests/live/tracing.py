"""What tests of live traces need: tracefs, the right to watch tracepoints, a capture beside it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.kernel.perf import open_tracepoint
from lastack.kernel.tracepoints import Tracepoint, find_tracefs, read_tracepoint
from lastack.lab.namespace import Namespace
from tests.kernel.awake import awake
from tests.kernel.private import NEWNS, unavailable, unshare

__all__ = ["KEPT_BACK", "Live", "capturing", "require_tracing", "tracepoint", "tracing"]

# From some moment on, a kernel was seen to keep back from perf all that happens in certain tasks, and to count none of
# it as lost, while ftrace has it. Which connection it hits is chance. So what fails is tried again: a fault of ours
# fails three times.
KEPT_BACK = pytest.mark.flaky(reruns=2)

STATES = "sock/inet_sock_set_state"

_MS_REC_PRIVATE = 0x4000 | 0x40000  # include/uapi/linux/mount.h
_PLACE = b"/sys/kernel/tracing"

_libc = ctypes.CDLL(None, use_errno=True)

# Every frame of every interface of the namespace, as a pcap with nanoseconds, until standard input ends.
_CAPTURE = """
import select, socket, struct, sys, time
packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
packets.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
    print("ready", flush=True)
    while True:
        ready = select.select([packets, sys.stdin], [], [], 1)[0]
        if packets in ready:
            frame, now = packets.recv(65535), time.time_ns()
            file.write(struct.pack("=IIII", now // 10**9, now % 10**9, len(frame), len(frame)) + frame)
        elif ready:
            break
seen, dropped = struct.unpack("=II", packets.getsockopt(263, 6, 8))
sys.exit(f"{dropped} packets dropped" if dropped else 0)
"""


def require_tracing() -> None:
    """Skip the test, or fail it, where tracepoints may not be watched. Mounts tracefs for this process, if need be."""
    try:
        find_tracefs()
    except RefusedError as error:
        if error.slug != "no-tracefs" or os.geteuid() != 0:
            unavailable(error.message)
        _mount_privately()
    try:
        os.close(open_tracepoint(tracepoint().number, 0, 1))
    except RefusedError as error:
        unavailable(error.message)


def _mount_privately() -> None:
    try:
        unshare(NEWNS)
    except OSError as error:
        unavailable(f"no mount namespace of our own: {error}")
    _libc.mount(None, b"/", None, ctypes.c_ulong(_MS_REC_PRIVATE), None)
    if _libc.mount(b"nodev", _PLACE, b"tracefs", 0, None):
        unavailable(f"tracefs cannot be mounted: {os.strerror(ctypes.get_errno())}")


def tracepoint(name: str = STATES) -> Tracepoint:
    """A tracepoint of this kernel."""
    found = read_tracepoint(name, find_tracefs())
    if not found:
        unavailable(f"this kernel has no tracepoint {name}")
    return found


class Live:
    """A running ``lastack trace``.

    Attributes:
        process: it.
    """

    def __init__(self, process: "subprocess.Popen[str]", output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def lines(self) -> list[str]:
        """What it has printed so far."""
        return self._output.read_text().splitlines()

    def end(self, number: int = signal.SIGINT) -> str:
        """What it says on stderr when it is told to end; its exit code must be 0."""
        self.process.send_signal(number)
        assert self.process.stderr
        said = self.process.stderr.read()
        assert self.process.wait(60) == 0, said
        return said


@contextmanager
def tracing(folder: Path, *arguments: str) -> Iterator[Live]:
    """``lastack trace``, which watches when the block begins. It prints to a file: a full pipe would stop it."""
    path = folder / f"live-{time.monotonic_ns()}"
    with path.open("w") as output:
        command = [sys.executable, "-m", "lastack", "trace", *arguments]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    # What is compared is ours, not what a kernel at fault keeps to itself of CPUs that idle.
    with process.stderr, awake(os.sched_getaffinity(0)):
        try:
            line = process.stderr.readline()
            assert "watching" in line, line + process.stderr.read()
            yield Live(process, path)
        finally:
            process.kill()
            process.wait()


@contextmanager
def capturing(namespace: Namespace, path: Path) -> Iterator[None]:
    """Capture all that passes the interfaces of a lab's namespace while the block runs."""
    # From outside: in the lab's user namespace, root may not have so large a buffer.
    command = ["nsenter", f"--net=/proc/{namespace.pid}/ns/net", sys.executable, "-c", _CAPTURE, str(path)]
    process = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True)
    try:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        yield
        assert process.communicate("")[1] == ""
    finally:
        process.kill()
        process.wait()
