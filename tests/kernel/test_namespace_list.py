"""Every network namespace, each once."""

import os
from pathlib import Path

import pytest

from lastack.kernel.namespace_list import Namespace, NamespaceList, _describe, find_namespaces
from lastack.kernel.namespaces import current, enter
from tests.kernel.private import NEWNET, NEWNS, NEWUSER, bind_mount, neighbour, run_as_nobody, run_private, unshare

DIGITS = "0123456789abcdef" * 4


def _inode(pid: int | str) -> int:
    return Path(f"/proc/{pid}/ns/net").stat().st_ino


def _of(listed: NamespaceList, inode: int) -> list[Namespace]:
    return [namespace for namespace in listed.found if namespace.inode == inode]


def test_the_own_one_comes_first() -> None:
    """The calling thread's namespace heads the list, with a path that enters it."""
    own = find_namespaces().found[0]
    assert f"net:[{own.inode}]" == current()
    with enter(own.path):
        pass


def _first_label() -> tuple[bool, int]:
    listed = find_namespaces(named=("/proc/1/fd",))
    own = listed.found[0]
    with enter(own.path):
        return own.inode == _inode("self") and bool(own.process), listed.hidden


def test_an_ordinary_user_sees_its_own_and_how_many_are_hidden() -> None:
    """Without privilege, even with names in a closed folder, the own namespace is listed, labelled and entered."""
    own, hidden = run_as_nobody(_first_label)
    assert own
    assert hidden > 0


def _a_process_lives_in_it() -> None:
    with neighbour() as pid:
        (namespace,) = _of(find_namespaces(named=()), _inode(pid))
        assert namespace.label == f"{Path(f'/proc/{pid}/comm').read_text().strip()}/{pid}"
        assert namespace.name is None
        with enter(namespace.path):
            assert current() == f"net:[{namespace.inode}]"


def test_a_namespace_that_a_process_lives_in_is_found() -> None:
    """It is listed once, labelled by that process, and entered by the path given."""
    run_private(_a_process_lives_in_it)


def _named_and_mounted(folder: str) -> None:
    names, elsewhere = Path(folder, "names"), Path(folder, "elsewhere")
    names.mkdir()
    for file in (names / "web", names / "again", names / "stray", elsewhere):
        file.touch()
    (names / "dangling").symlink_to("/nonexistent")
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    unshare(NEWNET)
    unnamed = _inode("self")
    bind_mount("/proc/self/ns/net", str(elsewhere))
    with neighbour() as pid, enter(f"/proc/self/fd/{home}"):
        web = _inode(pid)
        bind_mount(f"/proc/{pid}/ns/net", str(names / "web"))
        bind_mount(f"/proc/{pid}/ns/net", str(names / "again"))
        (names / "linked").symlink_to(f"/proc/{os.getppid()}/ns/net")
        listed = find_namespaces(named=(str(names), "/nonexistent"))
    inodes = [namespace.inode for namespace in listed.found]
    assert len(inodes) == len(set(inodes))
    (named,) = _of(listed, web)
    assert named.label in {"web", "again"}
    assert named.path == str(names / named.label)
    assert named.process
    assert named.process.endswith(f"/{pid}")
    (mounted,) = _of(listed, unnamed)
    assert mounted.name is None
    assert not {"stray", "dangling"} & {namespace.name for namespace in listed.found}


def test_names_and_mounts_are_found_each_once(tmp_path: Path) -> None:
    """Two names of one namespace make one entry; a mount elsewhere is found too; stray files are passed over."""
    run_private(_named_and_mounted, str(tmp_path), flags=NEWUSER | NEWNET | NEWNS)


def _nobody_lives_in_it(folder: str) -> tuple[list[Namespace], int]:
    sandbox = Path(folder, "sandbox")
    sandbox.touch()
    with neighbour() as pid:
        inode = _inode(pid)
        bind_mount(f"/proc/{pid}/ns/net", str(sandbox))
    return _of(find_namespaces(named=()), inode), inode


def test_a_mount_that_outlives_its_processes_is_found(tmp_path: Path) -> None:
    """A namespace that only a mount holds is listed, entered and labelled by its path."""
    found, inode = run_private(_nobody_lives_in_it, str(tmp_path), flags=NEWUSER | NEWNET | NEWNS)
    assert found == [Namespace(inode, f"{tmp_path}/sandbox", None, None, None)]
    assert found[0].label == f"{tmp_path}/sandbox"


@pytest.mark.parametrize(
    ("cgroup", "container"),
    [
        (f"0::/system.slice/docker-{DIGITS}.scope\n", "0123456789ab"),
        (f"12:pids:/docker/{DIGITS}\n0::/\n", "0123456789ab"),
        (f"0::/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-{DIGITS}.scope\n", "0123456789ab"),
        (f"0::/machine.slice/libpod-{DIGITS}.scope/container\n", "0123456789ab"),
        (f"0::/docker/{'f' * 64}/docker/{DIGITS}\n", "0123456789ab"),
        (f"0::/a{DIGITS}0\n", None),
        ("0::/user.slice/user-0.slice/session-1.scope\n", None),
        ("", None),
    ],
)
def test_a_container_is_known_by_its_cgroup(tmp_path: Path, cgroup: str, container: str | None) -> None:
    """The 64 digits that every runtime puts into the cgroup's path, innermost last; 12 of them are shown."""
    (tmp_path / "77").mkdir()
    (tmp_path / "77/comm").write_text("nginx\n")
    (tmp_path / "77/cgroup").write_text(cgroup)
    assert _describe(77, str(tmp_path)) == ("nginx/77", container)


@pytest.mark.parametrize(
    ("name", "process", "container", "label"),
    [
        ("web", "nginx/77", "0123456789ab", "web"),
        (None, "nginx/77", "0123456789ab", "nginx/77 container 0123456789ab"),
        (None, "nginx/77", None, "nginx/77"),
        (None, None, None, "/run/docker/netns/3f2a"),
        ("a\x1bb", None, None, "a\ufffdb"),
    ],
)
def test_the_label_is_what_people_know_it_by(
    name: str | None, process: str | None, container: str | None, label: str
) -> None:
    """The name somebody gave, else process and container, else the path; printable in any case."""
    assert Namespace(1, "/run/docker/netns/3f2a", name, process, container).label == label
