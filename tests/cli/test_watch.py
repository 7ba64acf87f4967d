"""``lastack watch``: in a real terminal, and what it refuses."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path

from lastack.lab import Cohort, Lab
from tests.cli.running import lastack

_PATIENCE_S = 20.0


def _on_a_terminal(arguments: list[str], environment: dict[str, str], until: bytes) -> tuple[bytes, int]:
    """What the command writes to a terminal of 80 by 24 until that is there and it was told to quit; its exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-m", "lastack", "watch", *arguments], os.environ | environment)  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    written, asked, deadline = b"", False, time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                written += os.read(terminal, 65_536)
            except OSError:  # it has ended
                break
        if until in written and not asked:
            asked = True
            os.write(terminal, b"q")
    _, status = os.waitpid(pid, 0)
    return written, os.waitstatus_to_exitcode(status)


def test_it_watches_until_it_is_left() -> None:
    """The lab's numbers are on the terminal, and `q` is a proper end."""
    with Lab() as lab:
        lab.populate([Cohort("TIME_WAIT", 1234)])
        written, code = lab.server.call(_on_a_terminal, [], {"TERM": "xterm-256color", "LANG": "C.UTF-8"}, b"1,234")
    assert code == 0
    assert b"1,234" in written
    assert b"\x1b[38;" in written or b";38;" in written


def test_without_colours_there_are_none() -> None:
    """Grey alone, whether by option or by NO_COLOR; what matters is in words."""
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    with Lab() as lab:
        lab.populate([Cohort("CLOSE_WAIT", 321)])
        for arguments, more in (["--no-color"], {}), ([], {"NO_COLOR": "1"}):
            written, _ = lab.server.call(_on_a_terminal, arguments, terminal | more, b"321")
            assert all(len(set(rgb)) == 1 for rgb in _true_colours(written))
            assert b"WARNING close-wait" in written


def _true_colours(written: bytes) -> list[tuple[bytes, ...]]:
    """Every 24-bit colour that is set."""
    parts = written.replace(b"m", b";").split(b"8;2;")[1:]
    return [tuple(part.split(b";")[:3]) for part in parts]


def test_options_that_clash(tmp_path: Path) -> None:
    """A time without a recording, a namespace with one, a recording that is not there."""
    assert lastack("watch", "--at", "-1h").returncode == 2
    assert lastack("watch", "--from-store", "x", "--netns", "1").returncode == 2
    done = lastack("watch", "--from-store", str(tmp_path / "none"))
    assert (done.returncode, "no store" in done.stderr) == (2, True)
