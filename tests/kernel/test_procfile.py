"""Reading the kernel's text files."""

import os
from pathlib import Path

import pytest

from lastack.errors import InputError, RefusedError
from lastack.kernel.procfile import integers, list_folder, printable, read_file, titled_lines
from tests.kernel.private import run_as_nobody


def _slug(function: str, path: str) -> str:
    try:
        {"read": read_file, "list": list_folder}[function](path)
    except RefusedError as error:
        return f"{error.slug}: {error.message}"
    return "allowed"


def test_absent_is_none(tmp_path: Path) -> None:
    """What is not there, and what is no file, is None."""
    assert read_file(f"{tmp_path}/nothing") is None
    assert read_file(f"{tmp_path}") is None
    assert list_folder(f"{tmp_path}/nothing") == []


def test_a_process_that_ended_has_no_files() -> None:
    """A file of a process that ended after it was opened reads as absent."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert read_file(f"/proc/{pid}/comm") is None


@pytest.mark.parametrize("function", ["read", "list"])
def test_refused_is_an_error(function: str) -> None:
    """What is there and may not be read says so, with its path and the kernel's reason."""
    path = "/proc/1/environ" if function == "read" else "/proc/1/fd"
    assert run_as_nobody(_slug, function, path) == f"unreadable-file: {path}: Permission denied"


def test_a_line_without_a_title_is_named() -> None:
    """The error gives path, line, what was found and what was expected."""
    with pytest.raises(InputError) as caught:
        list(titled_lines(b"TCP: inuse 4\nno title here\n", "/x/sockstat"))
    assert caught.value.slug == "malformed-proc-file"
    assert caught.value.message == "/x/sockstat, line 2: expected a title and a colon, found 'no title here'"


@pytest.mark.parametrize("word", ["", "x", "1_000", "+1", "1.0", "0x10", "\u0661", "9" * 5000])
def test_only_decimal_numbers_are_numbers(word: str) -> None:
    """What Python would take for a number and the kernel never prints is refused."""
    with pytest.raises(InputError):
        integers([word], "/x/snmp", 1)


def test_numbers_up_to_64_bits_are_exact() -> None:
    """Both ends of what the kernel can print come back as they are."""
    assert integers([str(2**64 - 1), str(-(2**63))], "", 1) == [2**64 - 1, -(2**63)]


def test_terminal_controls_are_replaced() -> None:
    """Escapes, newlines, and marks that turn the writing's direction never get through; other scripts do."""
    assert printable("a\x1b[2Jb\nc\u202ed\udcffe") == "a\ufffd[2Jb\ufffdc\ufffdd\ufffde"
    assert printable("nginx: мастер 主") == "nginx: мастер 主"
