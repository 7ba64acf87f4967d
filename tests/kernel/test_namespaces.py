"""Into a network namespace and back."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.kernel.namespaces import FOLDERS, current, enter, locate, net_root
from lastack.kernel.sysctl import read_setting
from tests.kernel.private import NEWNET, NEWNS, NEWUSER, bind_mount, neighbour, run_as_nobody, run_private, unshare

FIN_TIMEOUT = "net.ipv4.tcp_fin_timeout"


def _link(path: str) -> str:
    return str(Path(path).readlink())


def _refusal(target: str, folders: tuple[str, ...] = FOLDERS) -> tuple[str, str, str]:
    before = current()
    try:
        with enter(target, folders):
            pass
    except RefusedError as error:
        assert current() == before
        return error.slug, error.message, error.hint
    return "", "", ""


def _visit_by_path() -> None:
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    unshare(NEWNET)
    Path("/proc/sys/net/ipv4/tcp_fin_timeout").write_text("17")
    before = current()
    there = _link(f"/proc/self/fd/{home}")
    with enter(f"/proc/self/fd/{home}"):
        assert current() == there != before
        assert read_setting(FIN_TIMEOUT) == "60"
        # The other one's loopback is up and this one's is not.
        assert "127.0.0.1" in Path(f"{net_root()}/fib_trie").read_text()
    assert current() == before
    assert read_setting(FIN_TIMEOUT) == "17"
    assert "127.0.0.1" not in Path(f"{net_root()}/fib_trie").read_text()


def test_goes_there_and_back_by_path() -> None:
    """Inside the block settings and network files are the other namespace's, after it our own again."""
    run_private(_visit_by_path)


def _visit_by_pid() -> None:
    with neighbour() as pid:
        before, there = current(), _link(f"/proc/{pid}/ns/net")
        with enter(str(pid)):
            assert current() == there != before
        with pytest.raises(KeyError), enter(str(pid)):
            raise KeyError
        assert current() == before


def test_goes_there_and_back_by_pid() -> None:
    """A process's namespace is entered by its pid; an exception in the block comes through, back at home."""
    run_private(_visit_by_pid)


def _visit_by_name(folder: str) -> None:
    with neighbour() as pid:
        there = _link(f"/proc/{pid}/ns/net")
        Path(folder, "web").touch()
        bind_mount(f"/proc/{pid}/ns/net", f"{folder}/web")
        Path(folder, str(pid)).symlink_to("/proc/self/ns/net")
        with enter("web", ("/nonexistent", folder)):
            assert current() == there
        # A file of that name comes before a process of that number.
        with enter(str(pid), (folder,)):
            assert current() != there


def test_goes_there_by_name(tmp_path: Path) -> None:
    """A name is looked for in each folder, and found where it is bind-mounted as by ``ip netns`` or a link."""
    run_private(_visit_by_name, str(tmp_path), flags=NEWUSER | NEWNET | NEWNS)


def _only_this_thread() -> None:
    seen: list[str] = []
    with neighbour() as pid, enter(str(pid)):
        other = threading.Thread(target=lambda: seen.append(_link("/proc/self/ns/net")))
        assert _link("/proc/thread-self/ns/net") == _link(f"/proc/{pid}/ns/net")
        other.start()
        other.join()
    worker_saw: list[str] = []

    def visit(target: str) -> None:
        with enter(target):
            worker_saw.append(current())

    with neighbour() as pid:
        there = _link(f"/proc/{pid}/ns/net")
        worker = threading.Thread(target=visit, args=(str(pid),))
        worker.start()
        worker.join()
        assert worker_saw == [there]
        assert current() != there


def test_only_the_calling_thread_moves() -> None:
    """While a worker thread visits another namespace the main thread stays where it is."""
    run_private(_only_this_thread)


def _own_by_pid() -> bool:
    with enter(str(os.getpid())):
        return current() == _link("/proc/self/ns/net")


def test_ones_own_namespace_takes_no_privilege() -> None:
    """An ordinary user without any namespace of its own may name the one it is in."""
    assert run_as_nobody(_own_by_pid)


def test_an_unknown_name_gets_the_known_ones(tmp_path: Path) -> None:
    """The error says where it looked, and the hint lists what is there."""
    (tmp_path / "web").touch()
    (tmp_path / "db").touch()
    slug, message, hint = _refusal("wbe", (str(tmp_path), "/nonexistent"))
    assert slug == "no-such-namespace"
    assert message == f"no network namespace 'wbe' in {tmp_path}, /nonexistent"
    assert hint.startswith("by name there are: db, web; a pid, or a path")


def test_a_number_that_is_no_pid_says_so(tmp_path: Path) -> None:
    """A number may have been meant as a pid."""
    assert (
        _refusal("999999999", (str(tmp_path),))[1] == f"no network namespace '999999999' in {tmp_path}, nor is it a pid"
    )


def test_the_hint_stays_short(tmp_path: Path) -> None:
    """Of thirty names twenty are listed, and the others counted."""
    for number in range(30):
        (tmp_path / f"pod{number:02}").touch()
    hint = _refusal("web", (str(tmp_path),))[2]
    assert "pod19, and 10 more;" in hint
    assert "pod20" not in hint


@pytest.mark.parametrize("target", ["", "a/b", "web/../x", "999999999", "\u0661", "/nonexistent/ns", "./nothing"])
def test_what_stands_for_nothing_is_refused(target: str) -> None:
    """Neither a path that exists, nor a name, nor a process: and a name holds no slash."""
    assert _refusal(target)[0] == "no-such-namespace"


@pytest.mark.parametrize("target", ["..", "/", "/dev/null", "/proc/self/status", "/proc/self/ns/mnt"])
def test_other_files_are_no_namespaces(target: str) -> None:
    """A folder, a device, a text file and another kind of namespace are told apart from a forbidden one."""
    expected = ("not-a-namespace", f"{target} does not stand for a network namespace", "")
    assert run_private(_refusal, target) == expected


def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    """A path that nobody writes to is refused at once."""
    os.mkfifo(tmp_path / "fifo")
    assert _refusal(f"{tmp_path}/fifo")[0] == "not-a-namespace"


def test_an_ordinary_user_may_not_enter_by_another_users_process() -> None:
    """Opening the file of root's process is refused, and the error names the capability that is missing."""
    slug, message, hint = run_as_nobody(_refusal, "1")
    assert slug == "namespace-forbidden"
    assert "/proc/1/ns/net" in message
    assert "CAP_SYS_PTRACE" in message
    assert "root" in hint


def _back_to_the_hosts(make: Callable[[], None]) -> tuple[str, str, str]:
    host = os.open("/proc/self/ns/net", os.O_RDONLY)
    make()
    return _refusal(f"/proc/self/fd/{host}")


def _leave_for_a_private_one() -> None:
    unshare(NEWUSER | NEWNET)


def test_the_hosts_namespace_is_forbidden_to_a_private_root() -> None:
    """Capabilities in one's own user namespace do not reach the host's network namespace, even by an open file."""
    slug, message, _ = run_as_nobody(_back_to_the_hosts, _leave_for_a_private_one)
    assert slug == "namespace-forbidden"
    assert "CAP_SYS_ADMIN" in message


def _one_way() -> tuple[str, str, str]:
    unshare(NEWUSER)
    with neighbour() as pid:
        return _refusal(str(pid))


def test_a_thread_that_could_not_come_back_is_not_moved() -> None:
    """In a user namespace of one's own, but the host's network namespace, the way out would be the last."""
    assert run_as_nobody(_one_way)[0] == "namespace-forbidden"


def test_a_folder_that_is_closed_to_us_is_mentioned() -> None:
    """An ordinary user learns that the name may be in a folder that only root may look into."""
    assert "only root may look into /proc/1/fd" in run_as_nobody(_refusal, "web", ("/proc/1/fd",))[2]


def test_names_and_paths_are_told_apart(tmp_path: Path) -> None:
    """What begins with a slash or a dot is a path even if a file of that name is in a folder."""
    (tmp_path / ".web").touch()
    assert locate(".web", (str(tmp_path),)) == ".web"
    assert locate("/web", (str(tmp_path),)) == "/web"
    assert locate(str(os.getpid()), (str(tmp_path),)) == f"/proc/{os.getpid()}/ns/net"
    with pytest.raises(RefusedError):
        locate("web", (str(tmp_path),))
