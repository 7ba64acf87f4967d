"""Open files and their limit, by process."""

import os
import resource
import socket
import subprocess
from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.open_files import read_open_files
from lastack.model.sample import OpenFiles
from tests.kernel.private import run_as_nobody

LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            {}                 524288               files
Max locked memory         8388608              8388608              bytes
"""


def _process(root: Path, pid: int, files: int, limit: str) -> None:
    (root / f"{pid}/fd").mkdir(parents=True)
    (root / f"{pid}/limits").write_text(LIMITS.format(limit))
    for number in range(files):
        (root / f"{pid}/fd/{number}").touch()


def test_this_process() -> None:
    """As getrlimit(2) and its own list of files say."""
    with socket.socket():
        (found,) = read_open_files([f"python/{os.getpid()}"])
        assert found.limit == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        listed = len(list(Path("/proc/self/fd").iterdir()))
    assert found.open == listed - 1  # the list itself is a file while it is made


def test_the_fullest_comes_first() -> None:
    """By share of the limit, not by number."""
    with subprocess.Popen(
        ["sh", "-c", "ulimit -S -n 16; echo; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as small:
        assert small.stdout is not None
        small.stdout.readline()
        found = read_open_files([f"big/{os.getpid()}", f"small/{small.pid}"])
        assert small.stdin is not None
        small.stdin.close()
    assert [use.process for use in found] == [f"small/{small.pid}", f"big/{os.getpid()}"]
    assert found[0].limit == 16


def test_no_limit_is_what_the_kernel_bounds(tmp_path: Path) -> None:
    """fs.nr_open's default."""
    _process(tmp_path, 7, 1, "unlimited")
    (found,) = read_open_files(["app/7"], str(tmp_path))
    assert found.limit == 1_048_576


def test_what_has_ended_is_passed_over(tmp_path: Path) -> None:
    """No error, no row."""
    assert read_open_files(["gone/4194305"]) == []
    assert read_open_files(["gone/1"], str(tmp_path)) == []


def test_limits_that_no_kernel_prints_are_named(tmp_path: Path) -> None:
    """The error names the file."""
    _process(tmp_path, 7, 1, "some")
    with pytest.raises(InputError, match="7/limits, line 4: expected a line Max open files"):
        read_open_files(["app/7"], str(tmp_path))


def _of_its_parent() -> list[OpenFiles]:
    return read_open_files([f"root/{os.getppid()}"])


def test_an_ordinary_user_sees_numbers_or_nothing() -> None:
    """Never a wrong number: another user's process shows its count since Linux 6.2, before that not."""
    found = run_as_nobody(_of_its_parent)
    assert all(use.open > 3 for use in found)
