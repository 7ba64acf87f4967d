"""Children that end where they should, and limits that are said."""

import os
import resource
import signal
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.lab import Lab
from lastack.lab.processes import close_files, fork, open_files, reap
from tests.lab.users import run_as_nobody


def test_a_child_never_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    """It exits with 0, with 1 and a traceback after an exception, with 130 after an interrupt."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    assert reap(fork(lambda: None)) == 0
    assert reap(fork(lambda: 1 // 0)) == 1
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert reap(fork(interrupt)) == 130
    assert reap(fork(lambda: os.kill(os.getpid(), signal.SIGKILL))) == -signal.SIGKILL


def test_reaping_what_is_gone() -> None:
    """Is no error: somebody else may have waited for it."""
    pid = fork(lambda: None)
    assert reap(pid) == 0
    assert reap(pid) == 0


def test_files_are_closed_by_number() -> None:
    """Those that are open among them; the others are no error."""
    reader, writer = os.pipe()
    assert {reader, writer} <= {*open_files()}
    close_files([reader, writer, writer])
    assert not {reader, writer} & {int(path.name) for path in Path("/proc/self/fd").iterdir() if path.exists()}


def refused() -> tuple[str, str]:
    """The error where an ordinary user may have no more processes."""
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
    try:
        Lab().close()
    except RefusedError as error:
        return error.slug, error.hint
    return "", ""


def test_a_limit_on_processes_is_said_plainly() -> None:
    """With the limit that there is."""
    slug, hint = run_as_nobody(refused)
    assert slug == "lab-limit"
    assert "RLIMIT_NPROC" in hint
