"""From cgroup ids to paths."""

from pathlib import Path

from lastack.kernel.cgroups import CgroupPaths, find_cgroup_mount
from tests.kernel.private import unavailable


def _tree(root: Path, *folders: str) -> None:
    for folder in folders:
        (root / folder).mkdir(parents=True)


def test_an_id_is_its_folders_inode(tmp_path: Path) -> None:
    """The root and folders at any depth are found, by inode."""
    _tree(tmp_path, "system.slice/nginx.service", "user.slice/user-0.slice/session-1.scope")
    (tmp_path / "cgroup.procs").write_text("1\n")
    cgroups = CgroupPaths(str(tmp_path))
    for path in ("/", "/system.slice/nginx.service", "/user.slice", "/user.slice/user-0.slice/session-1.scope"):
        assert cgroups.path(Path(f"{tmp_path}{path}").stat().st_ino) == path


def test_a_deleted_cgroup_keeps_its_id(tmp_path: Path) -> None:
    """Where no folder has the id, the label is the id; and it stays so for the same reading."""
    cgroups = CgroupPaths(str(tmp_path))
    assert [cgroups.path(2**40), cgroups.path(2**40)] == ["cgroup id 1099511627776"] * 2


def test_what_was_seen_is_not_walked_again(tmp_path: Path) -> None:
    """One object serves one reading: a folder removed after it was seen keeps its path."""
    _tree(tmp_path, "a")
    inode = (tmp_path / "a").stat().st_ino
    cgroups = CgroupPaths(str(tmp_path))
    assert cgroups.path(inode) == "/a"
    (tmp_path / "a").rmdir()
    assert cgroups.path(inode) == "/a"


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link to a folder above does not send the walk in circles."""
    (tmp_path / "loop").symlink_to(tmp_path)
    assert CgroupPaths(str(tmp_path)).path(2**40) == "cgroup id 1099511627776"


def test_names_are_made_printable(tmp_path: Path) -> None:
    """A cgroup's name is its maker's choice."""
    _tree(tmp_path, "a\x1b[2Jb")
    assert CgroupPaths(str(tmp_path)).path((tmp_path / "a\x1b[2Jb").stat().st_ino) == "/a\ufffd[2Jb"


def test_finds_the_mount(tmp_path: Path) -> None:
    """The first cgroup2 mount, beside those of version 1; None without one."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_text(
        "38 31 0:35 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    )
    assert find_cgroup_mount(str(tmp_path)) == "/sys/fs/cgroup/unified"
    assert find_cgroup_mount(f"{tmp_path}/self") is None


def test_our_own_cgroup_is_found() -> None:
    """The path that /proc gives for this process belongs to the inode of its folder."""
    mount = find_cgroup_mount()
    paths = [line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")]
    if mount is None or not paths:
        unavailable("no cgroup2 is mounted here")
    assert CgroupPaths(mount).path(Path(f"{mount}{paths[0]}").stat().st_ino) == paths[0]
