"""The mounts of /proc/self/mountinfo."""

from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.mounts import Mount, read_mounts


def _root(tmp_path: Path, content: bytes) -> str:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_bytes(content)
    return str(tmp_path)


def test_reads_root_point_and_kind(tmp_path: Path) -> None:
    """With any number of optional fields, and with spaces and backslashes in the path, as the kernel escapes them."""
    content = (
        b"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw\n"
        b"41 31 0:38 / /sys/fs/my\\040cgroup\\134x rw,relatime - cgroup2 cgroup2 rw\n"
        b"99 22 0:4 net:[4026532281] /run/netns/web rw shared:7 - nsfs nsfs rw\n"
    )
    assert list(read_mounts(_root(tmp_path, content))) == [
        Mount("/mnt1", "/mnt2", "ext3"),
        Mount("/", "/sys/fs/my cgroup\\x", "cgroup2"),
        Mount("net:[4026532281]", "/run/netns/web", "nsfs"),
    ]


@pytest.mark.parametrize("content", [b"36 35 98:0 /mnt1\n", b"36 35 98:0 / /a rw ext3 /dev/root rw\n", b"\xff\n"])
def test_a_line_that_is_no_mount_is_named(tmp_path: Path, content: bytes) -> None:
    """Too few fields, or no dash, are an error with the line."""
    with pytest.raises(InputError, match="mountinfo, line 1: expected six fields"):
        list(read_mounts(_root(tmp_path, content)))


def test_no_file_is_no_mounts(tmp_path: Path) -> None:
    """Without /proc there is nothing to tell."""
    assert list(read_mounts(str(tmp_path))) == []


def test_the_kernel_lists_proc_itself() -> None:
    """The /proc that we read is among the mounts read from it."""
    assert ("/proc", "proc") in [(mount.point, mount.kind) for mount in read_mounts()]
