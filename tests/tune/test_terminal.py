"""Telling whoever is at a terminal, and nobody else."""

import os
import pty
from pathlib import Path

import pytest

from lastack.tune.terminal import Terminal, own_terminal, tell


def test_a_terminal_that_is_still_the_same_user_s_is_told() -> None:
    """Not one that was given to somebody else since."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    path = os.ttyname(theirs)
    owner = Path(path).stat().st_uid
    tell(Terminal(path, owner + 1), "hello")
    with pytest.raises(BlockingIOError):
        os.read(ours, 100)
    tell(Terminal(path, owner), "hello")
    assert b"hello" in os.read(ours, 100)


def test_what_is_no_terminal_is_not_written_to(tmp_path: Path) -> None:
    """A file in its place, nothing at all, or none to begin with."""
    file = tmp_path / "file"
    file.touch()
    for terminal in (Terminal(str(file), file.stat().st_uid), Terminal("/nonexistent", 0), None):
        tell(terminal, "hello")
    assert file.read_text() == ""


def _seen_from_a_terminal() -> Terminal | None:
    ours, theirs = pty.openpty()
    os.dup2(theirs, 0)
    found = own_terminal()
    os.close(ours)
    return found


def test_one_s_own_terminal_is_found() -> None:
    """By any of the three standard files."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        found = _seen_from_a_terminal()
        os.write(writer, (found.path if found else "none").encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100).startswith(b"/dev/pts/")
