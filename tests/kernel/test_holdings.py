"""What is remembered of who holds which socket is right after what processes do between two looks."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lastack.kernel.holdings import ANEW_S, Holdings
from lastack.kernel.naming import Naming
from lastack.kernel.processes import find_holders
from lastack.kernel.sampler import take_sample
from tests.kernel.private import run_private


class Proc:
    """A made-up /proc, the holdings read from it, and a clock that stands still."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 1000.0
        self.holdings = Holdings(str(root), lambda: self.now)
        (root / "thread-self/ns").mkdir(parents=True)
        (root / "thread-self/ns/net").symlink_to("net:[1]")
        self.start(1)

    def start(self, pid: int, netns: int = 1, **files: str) -> None:
        """A process begins, with its open files: f3="socket:[42]"."""
        folder = self.root / str(pid)
        (folder / "ns").mkdir(parents=True)
        (folder / "ns/net").symlink_to(f"net:[{netns}]")
        (folder / "fd").mkdir(parents=True)
        (folder / "comm").write_text("web\n")
        begun = 100 * pid + len(list(self.root.iterdir()))
        (folder / "stat").write_text(f"{pid} (a) b) S {'0 ' * 18}{begun} 0\n")
        self.open(pid, **files)

    def end(self, pid: int) -> None:
        """It ends."""
        shutil.rmtree(self.root / str(pid))

    def open(self, pid: int, **files: str) -> None:
        """A file is opened, be it under the number of another that was closed."""
        for name, target in files.items():
            link = self.root / str(pid) / "fd" / name[1:]
            link.unlink(missing_ok=True)
            link.symlink_to(target)

    def close(self, pid: int, name: str) -> None:
        """A file is closed."""
        (self.root / str(pid) / "fd" / name[1:]).unlink()

    def look(self, *inodes: int, meanwhile: Callable[[], None] = lambda: None) -> list[str | None]:
        """What a dump of these sockets is told of their holders, by the road of a sample."""
        naming = Naming(str(self.root), self.holdings)
        meanwhile()
        naming.lookup.settle(set(inodes))
        return [naming.lookup.process(inode) for inode in inodes]


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    """With process 7, which has a log and the sockets 41 and 42 open."""
    made = Proc(tmp_path)
    made.start(7, f2="/var/log/web", f3="socket:[41]", f4="socket:[42]")
    assert made.look(41, 42, 0) == ["web/7", "web/7", None]
    return made


def test_what_does_not_change_is_not_read_again(proc: Proc) -> None:
    """A file that a known socket had is taken to be that socket, until everything is read anew."""
    proc.open(7, f3="/dev/null")
    proc.open(1, f3="socket:[41]")
    assert proc.look(41) == ["web/7"]
    proc.now += ANEW_S
    assert proc.look(41, 42) == ["web/1", "web/7"]


def test_new_sockets_are_found(proc: Proc) -> None:
    """Under a new number, under that of a socket or a file that is gone, and in a process that is new."""
    proc.open(7, f5="socket:[50]", f3="socket:[51]", f2="socket:[52]")
    proc.start(8, f0="socket:[53]")
    assert proc.look(42, 50, 51, 52, 53) == ["web/7", "web/7", "web/7", "web/7", "web/8"]


def test_a_process_that_ended_holds_nothing(proc: Proc) -> None:
    """Its socket is the child's that inherited it, or nobody's; and a later process of that number is another."""
    proc.start(8, f3="socket:[41]")
    assert proc.look(41, 42) == ["web/7", "web/7"]
    proc.end(7)
    assert proc.look(41, 42) == ["web/8", None]
    proc.start(7, f3="socket:[60]", f4="/dev/null")
    assert proc.look(41, 42) == ["web/8", None]


def test_a_socket_that_was_handed_on_has_its_new_holder(proc: Proc) -> None:
    """To a process that held others before, where the first one has closed its own."""
    proc.start(9, f3="socket:[70]")
    assert proc.look(42, 70) == ["web/7", "web/9"]
    proc.close(7, "f4")
    proc.open(9, f4="socket:[42]")
    assert proc.look(41, 42) == ["web/7", "web/9"]


def test_a_socket_that_turns_up_elsewhere_is_looked_for_where_it_was(proc: Proc) -> None:
    """Handed on to a new process, and to one that holds others, by one that has the numbers in use again."""
    proc.start(9, f3="socket:[70]")
    assert proc.look(41, 42, 70) == ["web/7", "web/7", "web/9"]
    proc.open(9, f4="socket:[41]")
    proc.start(10, f0="socket:[42]")
    assert proc.look(41, 42, 70) == ["web/7", "web/7", "web/9"]
    proc.open(7, f3="/var/log/web", f4="socket:[43]")
    proc.open(9, f5="socket:[41]")
    proc.start(11, f0="socket:[42]")
    assert proc.look(41, 42, 43, 70) == ["web/9", "web/10", "web/7", "web/9"]


def test_what_is_not_where_it_is_looked_for_is_read_for_by_the_next_look(proc: Proc) -> None:
    """A process that held nothing, and has a socket now: not known at first, then named."""
    proc.open(1, f0="socket:[80]")
    assert proc.look(80) == [None]
    assert proc.look(80) == ["web/1"]


def test_a_socket_that_is_closed_behind_the_dump_keeps_its_name(proc: Proc) -> None:
    """Who held it when it was shown is known; one that was not known is nobody's."""
    assert proc.look(41, 42, 43, meanwhile=lambda: proc.close(7, "f3")) == ["web/7", "web/7", None]
    assert proc.look(42) == ["web/7"]


def test_a_process_elsewhere_is_asked_for_its_socket_by_the_next_look(proc: Proc) -> None:
    """One in another network namespace that held nothing of this one; then it is one of those that hold."""
    proc.start(9, netns=2, f0="socket:[90]")
    proc.now += ANEW_S
    assert proc.look(41) == ["web/7"]
    proc.open(9, f1="socket:[91]")
    assert proc.look(41, 91) == ["web/7", None]
    assert proc.look(41, 91) == ["web/7", "web/9"]
    proc.open(9, f2="socket:[92]")
    assert proc.look(41, 91, 92) == ["web/7", "web/9", "web/9"]


def test_a_number_that_was_something_else_meanwhile_is_read_again(proc: Proc) -> None:
    """A socket's, then a log's, then a socket's."""
    proc.open(7, f3="/var/log/web")
    assert proc.look(42) == ["web/7"]
    proc.open(7, f3="socket:[55]")
    assert proc.look(42, 55) == ["web/7", "web/7"]


def test_the_lowest_pid_of_several_is_named(proc: Proc) -> None:
    """As ``find_holders`` has it; when that closes it, the next."""
    proc.start(9, f0="socket:[42]")
    proc.start(3, f0="socket:[42]")
    proc.now += ANEW_S
    assert proc.look(42) == ["web/3"]
    proc.close(3, "f0")
    assert proc.look(42) == ["web/7"]


def test_names_are_those_of_now(proc: Proc) -> None:
    """A process may rename itself."""
    (proc.root / "7/comm").write_text("worker\n")
    assert proc.look(41) == ["worker/7"]


def test_the_whole_host_as_one_search_has_it() -> None:
    """Every socket of every process here that stays for so long, by a first and by a second look."""
    with socket.socket() as held:
        before = find_holders().pids
        holdings = Holdings()
        looks = []
        for _ in range(2):
            holdings.look_again()
            holdings.settle(before.keys())
            looks.append({inode: holdings.holder(inode) for inode in before})
        after = find_holders().pids
        assert before[os.fstat(held.fileno()).st_ino] == os.getpid()
    stayed = {inode: pid for inode, pid in before.items() if after.get(inode) == pid}
    assert stayed
    for pids in looks:
        assert {inode: pids[inode] for inode in stayed} == stayed


def test_hidden_processes_are_counted(tmp_path: Path) -> None:
    """As ``find_holders`` counts them: a list without process 1 hides some."""
    (tmp_path / "8").mkdir()
    assert Holdings(str(tmp_path)).hidden == 1


CHILD = """
import os, socket, sys
listening = socket.socket(fileno=int(sys.argv[1]))
client = socket.create_connection(listening.getsockname())
accepted, _ = listening.accept()
print(os.getpid(), flush=True)
sys.stdin.readline()
if os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
sys.stdin.readline()
"""


def _named(holdings: Holdings) -> set[str | None]:
    """The pids of those who hold established connections here."""
    sample = take_sample(holdings=holdings)
    found = [one for one in sample.cohorts if one.state == "ESTABLISHED"]
    assert sum(one.count for one in found) == 2
    return {one.process and one.process.rpartition("/")[2] for one in found}


@contextmanager
def _child(listening: socket.socket) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", CHILD, str(listening.fileno())]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, pass_fds=[listening.fileno()], text=True, **pipes) as child:  # type: ignore[call-overload]
        yield child


def _samples_while_it_changes_hands() -> list[tuple[set[str | None], str]]:
    holdings, seen = Holdings(), []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        take_sample(holdings=holdings)
        with _child(listening) as child:
            assert child.stdin
            assert child.stdout
            for _ in range(2):
                pid = child.stdout.readline().strip()
                seen.append((_named(holdings), pid))
                child.stdin.write("\n")
                child.stdin.flush()
    return seen


def test_samples_name_the_holder_of_the_moment() -> None:
    """Connections of a process that began after the first sample, and then of the child that outlives it."""
    seen = run_private(_samples_while_it_changes_hands)
    assert [named for named, _ in seen] == [{pid} for _, pid in seen]
    assert seen[0] != seen[1]
    assert str(os.getpid()) not in seen[0][0]
