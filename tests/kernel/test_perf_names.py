"""Names of processes, as the kernel tells them and as /proc has them."""

import struct
from pathlib import Path

from lastack.kernel.perf import RECORD_COMM, RECORD_EXIT, RECORD_FORK, RECORD_NAMESPACES
from lastack.kernel.perf_names import Names
from lastack.kernel.perf_records import Run, runs


def _record(kind: int, body: bytes, time: int) -> bytes:
    body += bytes(-len(body) % 8) + struct.pack("=Q", time)
    return struct.pack("=IHH", kind, 0, 8 + len(body)) + body


def _comm(pid: int, name: bytes, time: int) -> bytes:
    return _record(RECORD_COMM, struct.pack("=II", pid, pid) + name + b"\0", time)


def _task(kind: int, pid: int, parent: int, time: int) -> bytes:
    return _record(kind, struct.pack("=IIIIQ", pid, parent, pid, parent, time), time)


def _told(*records: bytes) -> list[Run]:
    return [run for record in records for run in runs(record)]


def test_told_names_go_before_proc(tmp_path: Path) -> None:
    """A process that is gone from /proc has the name that it took; one that was never told of has its number."""
    names = Names(str(tmp_path))
    names.hear(_told(_comm(7, b"curl", 1)))
    assert (names.label(7), names.label(8)) == ("curl/7", "?/8")


def test_in_the_order_of_time(tmp_path: Path) -> None:
    """Of two names the later one holds, whichever CPU's ring is read first."""
    names = Names(str(tmp_path))
    names.hear(_told(_comm(7, b"python3", 2), _comm(7, b"bash", 1)))
    assert names.label(7) == "python3/7"


def test_a_child_has_its_parents_name(tmp_path: Path) -> None:
    """Until it takes another one."""
    names = Names(str(tmp_path))
    names.hear(_told(_comm(7, b"nginx", 1), _task(RECORD_FORK, 8, 7, 2)))
    assert names.label(8) == "nginx/8"


def test_known_until_the_next_time(tmp_path: Path) -> None:
    """Who has ended is known for the portion in which it ended; then its number may be another's."""
    names = Names(str(tmp_path))
    names.hear(_told(_comm(7, b"curl", 1), _task(RECORD_EXIT, 7, 1, 2)))
    assert names.label(7) == "curl/7"
    names.hear([])
    assert names.label(7) == "?/7"


def test_unprintable(tmp_path: Path) -> None:
    """A name cannot steer a terminal."""
    names = Names(str(tmp_path))
    names.hear(_told(_comm(7, b"a\x1b[2J", 1)))
    assert names.label(7).isprintable()


def test_network(tmp_path: Path) -> None:
    """The network namespace is the first one that the kernel tells of; unknown is None."""
    names = Names(str(tmp_path))
    body = struct.pack("=IIQ", 7, 7, 1) + struct.pack("=QQ", 4, 4026531840)
    names.hear(_told(_record(RECORD_NAMESPACES, body, 1)))
    assert (names.network(7), names.network(8)) == (4026531840, None)
