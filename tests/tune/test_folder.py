"""Folders and files that only we can have written."""

import os
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.tune.folder import open_folder, read_whole, replace

_NOBODY = 65_534


def _opened(path: Path) -> int:
    folder = open_folder(str(path), create=True)
    assert folder is not None
    return folder


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Whatever the umask says."""
    before = os.umask(0)
    try:
        os.close(_opened(tmp_path / "a/b"))
    finally:
        os.umask(before)
    assert (tmp_path / "a/b").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_not_there_is_none(tmp_path: Path) -> None:
    """Only who writes makes one."""
    assert open_folder(str(tmp_path / "absent"), create=False) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_write_is_refused(tmp_path: Path, mode: int) -> None:
    """Itself, and any folder above it, unless that is sticky as /tmp is."""
    (tmp_path / "a/b").mkdir(parents=True)
    for writable in (tmp_path / "a/b", tmp_path / "a"):
        writable.chmod(mode)
        with pytest.raises(RefusedError) as caught:
            _opened(tmp_path / "a/b")
        assert caught.value.slug == "unsafe-folder"
        writable.chmod(0o700)
    (tmp_path / "a").chmod(0o1777)
    os.close(_opened(tmp_path / "a/b"))


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Even if it leads to a folder of ours."""
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(RefusedError):
        _opened(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_what_belongs_to_another_user_is_refused(tmp_path: Path) -> None:
    """A folder, a folder above it, a file, and a link on the way."""
    (tmp_path / "a/b").mkdir(parents=True, mode=0o700)
    (tmp_path / "a/b/file").write_text("x")
    for owned in (tmp_path / "a/b", tmp_path / "a"):
        os.chown(owned, _NOBODY, -1)
        with pytest.raises(RefusedError, match="belongs to the user 65534"):
            _opened(tmp_path / "a/b")
        os.chown(owned, 0, -1)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    os.chown(tmp_path / "link", _NOBODY, -1, follow_symlinks=False)
    with pytest.raises(RefusedError, match="belongs to the user 65534"):
        _opened(tmp_path / "link/b")
    os.chown(tmp_path / "a/b/file", _NOBODY, -1)
    with pytest.raises(RefusedError):
        read_whole("file", _opened(tmp_path / "a/b"), "a/b")


def test_a_file_that_is_a_link_or_has_a_second_name_is_refused(tmp_path: Path) -> None:
    """Or that others may write."""
    folder = _opened(tmp_path / "a")
    (tmp_path / "real").write_text("x")
    (tmp_path / "a/soft").symlink_to(tmp_path / "real")
    os.link(tmp_path / "real", tmp_path / "a/hard")
    (tmp_path / "a/open").write_text("x")
    (tmp_path / "a/open").chmod(0o666)
    os.mkfifo(tmp_path / "a/fifo")
    for name in ("soft", "hard", "open", "fifo"):
        with pytest.raises(RefusedError) as caught:
            read_whole(name, folder, "a")
        assert caught.value.slug == "unsafe-folder"
    assert read_whole("absent", folder, "a") is None


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """With the mode asked for, through no link, and leaving nothing beside it; None removes it."""
    folder = _opened(tmp_path / "a")
    (tmp_path / "victim").write_text("x")
    (tmp_path / "a/file").symlink_to(tmp_path / "victim")
    (tmp_path / f"a/.file.{os.getpid()}").symlink_to(tmp_path / "victim")
    replace("file", b"new", folder, 0o644)
    assert (tmp_path / "victim").read_text() == "x"
    assert not (tmp_path / "a/file").is_symlink()
    assert (tmp_path / "a/file").read_bytes() == b"new"
    assert (tmp_path / "a/file").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["file"]
    replace("file", None, folder, 0o644)
    assert not list((tmp_path / "a").iterdir())
