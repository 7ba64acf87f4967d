"""Which files a system reads at boot, and what they hold."""

import os
from pathlib import Path

from lastack.kernel.sysctl_files import read_system


def test_a_system_without_systemd_boots_with_procps(tmp_path: Path) -> None:
    """Then the main file is read last."""
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.d/99.conf").write_text("a")
    (tmp_path / "etc/sysctl.conf").write_text("b")
    system = read_system(str(tmp_path))
    assert system.loader == "procps"
    assert [content for _, content in system.files] == [b"a", b"b"]
    assert [content for _, content in system.others] == [b"a"]


def test_a_link_to_nothing_masks_without_being_read(tmp_path: Path) -> None:
    """As administrators switch a vendor's file off: a link to /dev/null."""
    for folder in ("etc/sysctl.d", "usr/lib/sysctl.d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/lib/sysctl.d/50.conf").write_text("vendor")
    (tmp_path / "etc/sysctl.d/50.conf").symlink_to("/dev/null")
    assert [content for _, content in read_system(str(tmp_path)).files] == [b""]


def test_links_of_a_system_begin_at_its_root(tmp_path: Path) -> None:
    """An absolute link inside of an image leads to the image's file; a name that leads nowhere is told of."""
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.conf").write_text("the image's")
    (tmp_path / "etc/sysctl.d/99-sysctl.conf").symlink_to("/etc/sysctl.conf")
    (tmp_path / "etc/sysctl.d/10-gone.conf").symlink_to("nowhere")
    system = read_system(str(tmp_path))
    assert [content for _, content in system.files] == [b"the image's"]
    assert len(system.unread) == 1
    assert "nowhere: No such file" in system.unread[0]


def test_links_in_a_circle_are_told_of(tmp_path: Path) -> None:
    """They are no file."""
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.d/1.conf").symlink_to("2.conf")
    (tmp_path / "etc/sysctl.d/2.conf").symlink_to("1.conf")
    assert len(read_system(str(tmp_path)).unread) == 2


def test_a_system_with_no_files_at_all(tmp_path: Path) -> None:
    """Is no error."""
    system = read_system(str(tmp_path))
    assert (list(system.order), list(system.files)) == ([], [])


def test_a_pipe_that_nobody_writes_to_does_not_keep_us(tmp_path: Path) -> None:
    """It reads as empty."""
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    os.mkfifo(tmp_path / "etc/sysctl.d/10-pipe.conf")
    assert [content for _, content in read_system(str(tmp_path)).files] == [b""]
