"""perf_event_open(2): the kernel's tracepoints, record by record, through a ring that it shares with us.

One event a tracepoint and CPU, one ring an event. The kernel writes, we read, no system call goes with a record. What
finds no room is lost, and counted. Source: include/uapi/linux/perf_event.h.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import struct

from lastack.errors import RefusedError

__all__ = [
    "RECORD_COMM",
    "RECORD_EXIT",
    "RECORD_FORK",
    "RECORD_NAMESPACES",
    "RECORD_SAMPLE",
    "SAMPLE_RAW",
    "Ring",
    "open_names",
    "open_tracepoint",
]

RECORD_COMM, RECORD_EXIT, RECORD_FORK, RECORD_SAMPLE, RECORD_NAMESPACES = 3, 4, 7, 9, 16

# Of a sample: header (type, misc, size), pid and thread, time, length of the raw part. Then the raw part itself.
SAMPLE_RAW = 8 + 8 + 8 + 4

_SYSTEM_CALL = {
    "x86_64": 298,
    "i686": 336,
    "aarch64": 241,
    "riscv64": 241,
    "loongarch64": 241,
    "ppc64le": 319,
    "s390x": 331,
}

_ATTR = struct.Struct("=IIQQQQQI4xQQQQIiQIHxx")
_TYPE_SOFTWARE, _TYPE_TRACEPOINT = 1, 2
_COUNT_SW_DUMMY = 9
_SAMPLE_TID, _SAMPLE_TIME, _SAMPLE_RAW = 1 << 1, 1 << 2, 1 << 10
_FORMAT_LOST = 1 << 4  # since Linux 6.0
_DISABLED, _COMM, _TASK, _WATERMARK, _TIMED, _CLOCK, _NAMESPACES = (1 << bit for bit in (0, 9, 13, 14, 18, 25, 28))
_FLAG_FD_CLOEXEC = 8
_CLOCK_MONOTONIC = 1
_IOC_ENABLE, _IOC_SET_FILTER = 0x2400, 0x40082406  # _IO('$', 0), _IOW('$', 6, char *)

_COUNTS = struct.Struct("=QQ")  # read(2): the event's value, records lost

# Of the first page: the kernel's place, ours.
_HEAD, _TAIL = 1024, 1032

_libc = ctypes.CDLL(None, use_errno=True)


def open_tracepoint(number: int, cpu: int, wakeup_bytes: int) -> int:
    """A file that samples each hit of a tracepoint on one CPU, whoever runs there; it is disabled yet.

    A sample has the process, CLOCK_MONOTONIC in nanoseconds, and the tracepoint's own record.

    Args:
        number: the tracepoint's, from its ``format`` file.
        cpu: which.
        wakeup_bytes: how much must lie in its ring for poll(2) to say so.

    Raises:
        RefusedError: ``perf-forbidden``, ``no-perf``.
    """
    sample = _SAMPLE_TID | _SAMPLE_TIME | _SAMPLE_RAW
    flags = _DISABLED | _WATERMARK | _CLOCK
    try:
        return _open(_TYPE_TRACEPOINT, number, 1, sample, _FORMAT_LOST, flags, wakeup_bytes, cpu)
    except RefusedError as error:
        if error.slug != "no-perf":
            raise
        return _open(_TYPE_TRACEPOINT, number, 1, sample, 0, flags, wakeup_bytes, cpu)


def open_names(cpu: int, wakeup_bytes: int) -> int:
    """A file that tells, with the time last, of processes that are born, take a name, enter a namespace, end on a CPU.

    Raises:
        RefusedError: ``perf-forbidden``, ``no-perf``.
    """
    flags = _DISABLED | _COMM | _TASK | _WATERMARK | _TIMED | _CLOCK | _NAMESPACES
    return _open(_TYPE_SOFTWARE, _COUNT_SW_DUMMY, 0, _SAMPLE_TIME, 0, flags, wakeup_bytes, cpu)


def _open(kind: int, config: int, period: int, sample: int, read: int, flags: int, wakeup: int, cpu: int) -> int:  # noqa: PLR0913, PLR0917 - the fields of one struct
    number = _SYSTEM_CALL.get(platform.machine())
    if number is None:
        raise _no_perf(f"its number on {platform.machine()} is not known here")
    attr = _ATTR.pack(
        kind, _ATTR.size, config, period, sample, read, flags, wakeup, 0, 0, 0, 0, 0, _CLOCK_MONOTONIC, 0, 0, 0
    )
    file: int = _libc.syscall(number, ctypes.c_char_p(attr), -1, cpu, -1, ctypes.c_ulong(_FLAG_FD_CLOEXEC))
    if file >= 0:
        return file
    failure = ctypes.get_errno()
    if failure in {errno.EACCES, errno.EPERM}:
        raise RefusedError(
            "perf-forbidden",
            "the kernel lets you watch no tracepoints: that takes root, or CAP_PERFMON and a tracefs that you may read",
            "run as root; `lastack trace --ends` shows connections as they end, and takes no privilege",
        )
    raise _no_perf(os.strerror(failure))


def _no_perf(reason: str) -> RefusedError:
    return RefusedError("no-perf", f"perf_event_open: {reason}", "`lastack trace --ends` does without")


class Ring:
    """The memory that the kernel writes an event's records to; closes the event's file with it.

    Args:
        file: the event.
        size: bytes, a power of two.

    Attributes:
        file: the event.

    Raises:
        RefusedError: ``ring-memory``: the kernel locks less for us.
    """

    def __init__(self, file: int, size: int) -> None:
        self.file = file
        try:
            self._memory = mmap.mmap(file, mmap.PAGESIZE + size)
        except OSError as error:
            os.close(file)
            raise RefusedError(
                "ring-memory",
                f"the kernel locks no memory for a ring of {size:,} bytes: {error.strerror}",
                "raise kernel.perf_event_mlock_kb, or RLIMIT_MEMLOCK (ulimit -l)",
            ) from None
        self._size = size
        # One load and one store of 8 bytes each: a half-written number is never read.
        self._head = ctypes.c_uint64.from_buffer(self._memory, _HEAD)
        self._tail = ctypes.c_uint64.from_buffer(self._memory, _TAIL)

    def filter(self, condition: str) -> None:
        """Let the kernel drop what does not meet a condition; Documentation/trace/events.rst, section 5.

        Raises:
            RefusedError: ``filter-refused``.
        """
        if _libc.ioctl(self.file, ctypes.c_ulong(_IOC_SET_FILTER), ctypes.c_char_p(condition.encode())):
            reason = os.strerror(ctypes.get_errno())
            raise RefusedError("filter-refused", f"the kernel refuses the filter {condition!r}: {reason}")

    def enable(self) -> None:
        """Begin."""
        fcntl.ioctl(self.file, _IOC_ENABLE, 0)

    def take(self) -> bytes:
        """All records that lie there; their room is free again."""
        head, tail = self._head.value, self._tail.value
        begin = mmap.PAGESIZE + tail % self._size
        end = begin + head - tail
        edge = mmap.PAGESIZE + self._size
        if end <= edge:
            records = self._memory[begin:end]
        else:
            records = self._memory[begin:edge] + self._memory[mmap.PAGESIZE : mmap.PAGESIZE + end - edge]
        self._tail.value = head
        return records

    def lost(self) -> int | None:
        """How many records found no room; None before Linux 6.0, where only records in the ring tell."""
        counts = os.read(self.file, _COUNTS.size)
        return _COUNTS.unpack(counts)[1] if len(counts) == _COUNTS.size else None

    def close(self) -> None:
        """Let go of both."""
        del self._head, self._tail
        self._memory.close()
        os.close(self.file)
