"""Who holds which socket."""

import ctypes
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lastack.kernel.processes import Holders, find_holders, process_label
from tests.kernel.private import run_as_nobody, run_private, unavailable

# A program that holds one socket, prints its inode, and ends when its input does.
HOLDER = "import os, socket, sys; s = socket.socket(); print(os.fstat(s.fileno()).st_ino, flush=True); sys.stdin.read()"

# The same, after its main thread has ended by exit(2), which ends this thread alone.
HEADLESS = """
import ctypes, os, socket, sys, threading
def hold():
    main.wait()
    s = socket.socket()
    print(os.fstat(s.fileno()).st_ino, flush=True)
    os.read(0, 1)
    os._exit(0)
main = threading.Event()
threading.Thread(target=hold).start()
main.set()
ctypes.CDLL(None).syscall(int(sys.argv[1]), 0)
"""

_PR_SET_NAME = 15


@contextmanager
def _holder(program: str, *arguments: str) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.pid, int(process.stdout.readline())


def _comm(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def test_names_the_process_that_holds_a_socket() -> None:
    """A socket of another process is found by its inode, with the name that /proc gives."""
    with _holder(HOLDER) as (pid, inode):
        assert find_holders().pids[inode] == pid
        assert process_label(pid) == f"{_comm(pid)}/{pid}"


def test_the_lowest_pid_of_several_holders_is_named() -> None:
    """A parent and the child that inherited its socket both hold it; the one with the lower pid is named."""
    with socket.socket() as held:
        child = subprocess.Popen(["sleep", "60"], pass_fds=[held.fileno()])
        try:
            assert find_holders().pids[os.fstat(held.fileno()).st_ino] == min(os.getpid(), child.pid)
        finally:
            child.kill()
            child.wait()


def test_processes_that_end_meanwhile_are_passed_over(tmp_path: Path) -> None:
    """A process that is listed but gone has no sockets; one that ends before its name is read is ``?``."""
    (tmp_path / "1").mkdir()
    (tmp_path / "8/fd").mkdir(parents=True)
    (tmp_path / "8/fd/0").symlink_to("/dev/null")
    (tmp_path / "8/fd/4").symlink_to("socket:[42]")
    assert find_holders(str(tmp_path)) == Holders({42: 8}, 0)
    assert process_label(8, str(tmp_path)) == "?/8"


def test_a_list_without_process_1_hides_some(tmp_path: Path) -> None:
    """Where hidepid keeps other users' processes off the list, that counts as one hidden process."""
    (tmp_path / "8").mkdir()
    assert find_holders(str(tmp_path)).hidden == 1


def _rename_and_label(name: bytes) -> tuple[str, int]:
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name, 0, 0, 0)
    return process_label(os.getpid()), os.getpid()


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"a/b c", "a/b c"), (b"a\nb\n", "a\ufffdb\ufffd"), (b"\x1b[31m\xff", "\ufffd[31m\ufffd"), (b"", "")],
)
def test_names_are_made_printable(name: bytes, shown: str) -> None:
    """A process may give itself any name; newlines, escapes and bytes that are no text do not get through."""
    label, pid = run_private(_rename_and_label, name)
    assert label == f"{shown}/{pid}"


def _hidden_and_own() -> tuple[int, bool]:
    with socket.socket() as held:
        holders = find_holders()
        return holders.hidden, os.fstat(held.fileno()).st_ino in holders.pids


def test_an_ordinary_user_is_told_that_processes_are_hidden() -> None:
    """Its own sockets are named, and processes of root are counted as hidden."""
    hidden, own = run_as_nobody(_hidden_and_own)
    assert hidden > 0
    assert own


def _hidden_in_a_made_up_proc(mode: int) -> int:
    with tempfile.TemporaryDirectory() as root:
        for pid, arguments in (("1", "init\0"), ("2", ""), ("3", "web\0")):
            folder = Path(root, pid, "fd")
            folder.mkdir(parents=True)
            (folder / "0").symlink_to("socket:[5]")
            (folder.parent / "cmdline").write_text(arguments)
            folder.chmod(mode)
        hidden = find_holders(root).hidden
        for pid in ("1", "2", "3"):
            Path(root, pid, "fd").chmod(0o700)
        return hidden


@pytest.mark.parametrize("mode", [0, 0o400])
def test_kernel_threads_are_not_counted_as_hidden(mode: int) -> None:
    """Whether its files may not be listed or only not be read, a process counts, but not one without a command line."""
    assert run_as_nobody(_hidden_in_a_made_up_proc, mode) == 2


def test_sockets_outlive_the_main_thread() -> None:
    """A process whose main thread has ended lists no files of its own; its other threads' are taken."""
    number = {"x86_64": 60, "aarch64": 93}.get(platform.machine())
    if number is None:
        unavailable("the number of exit(2) on this machine is not in the test")
    with _holder(HEADLESS, str(number)) as (pid, inode):
        assert find_holders().pids[inode] == pid
