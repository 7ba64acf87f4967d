"""The journal on the disk: numbers, cut lines, the lock, a full disk."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from lastack.errors import InputError, RefusedError
from lastack.tune.journal import Journal, default_folder
from lastack.tune.record import Applied, Wrote, pack
from tests.kernel.private import run_as_nobody
from tests.tune.test_record import AT, BEGUN


def test_changes_are_numbered_and_come_back_in_order(tmp_path: Path) -> None:
    """Ten comes after nine."""
    with Journal(str(tmp_path / "state"), create=True) as journal:
        assert [journal.begin(BEGUN).id for _ in range(11)] == list(range(1, 12))
        assert [change.id for change in journal.changes()] == list(range(1, 12))
        assert journal.change(10).begun.token == BEGUN.token


def test_files_are_their_owner_s_alone(tmp_path: Path) -> None:
    """They say what is written as root."""
    with Journal(str(tmp_path / "state"), create=True) as journal, journal.locked(0):
        journal.begin(BEGUN)
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {path.name: path.stat().st_mode & 0o777 for path in files} == {"lock": 0o600, "1.jsonl": 0o600}


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """To look makes none."""
    with Journal(str(tmp_path / "absent")) as journal, journal.locked(0):
        assert journal.changes() == []
        with pytest.raises(InputError) as caught:
            journal.change(1)
    assert caught.value.slug == "no-such-change"
    assert not (tmp_path / "absent").exists()


def test_a_beginning_that_was_cut_never_began(tmp_path: Path) -> None:
    """It counts for nothing but its number."""
    with Journal(str(tmp_path), create=True) as journal:
        for cut in range(len(pack(BEGUN))):
            (tmp_path / "changes/1.jsonl").write_bytes(pack(BEGUN)[:cut])
            assert journal.changes() == []
        assert journal.begin(BEGUN).id == 2


def test_whoever_appends_removes_a_cut_line_first(tmp_path: Path) -> None:
    """At whichever byte it was cut."""
    file = tmp_path / "changes/1.jsonl"
    with Journal(str(tmp_path), create=True) as journal:
        journal.begin(BEGUN)
        whole = file.read_bytes()
        for cut in range(len(pack(Wrote(item=0, now="30")))):
            file.write_bytes(whole + pack(Wrote(item=0, now="30"))[:cut])
            change = journal.change(1)
            journal.append(change, Applied(at=AT))
            assert file.read_bytes() == whole + pack(Applied(at=AT))


def test_the_lock_is_one_process_s(tmp_path: Path) -> None:
    """Another waits for it, and then refuses, naming the process; death gives it back."""
    held, hold = os.pipe()
    child = os.fork()
    if child == 0:
        with Journal(str(tmp_path), create=True) as journal, journal.locked(0):
            os.write(hold, b".")
            signal.pause()
    os.read(held, 1)
    with Journal(str(tmp_path), create=True) as journal:
        with pytest.raises(RefusedError, match=f"pid {child}") as caught, journal.locked(0.05):
            pass
        assert caught.value.slug == "journal-locked"
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with journal.locked(0):
            pass


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.chmod(0o666),
        lambda file: os.link(file, file.parent / "2.jsonl"),
        lambda file: (file.rename(file.parent / "x"), file.symlink_to("x")),
        lambda file: file.parent.chmod(0o777),
        lambda file: file.parent.parent.chmod(0o777),
    ],
)
def test_what_another_user_could_have_written_is_refused(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    """A file or a folder that others may write, a link, a file with a second name."""
    with Journal(str(tmp_path / "state"), create=True) as journal:
        journal.begin(BEGUN)
    spoil(tmp_path / "state/changes/1.jsonl")
    with pytest.raises(RefusedError) as caught, Journal(str(tmp_path / "state")) as journal:
        journal.changes()
    assert caught.value.slug == "unsafe-folder"


def _refusal() -> str:
    try:
        Journal("/var/lib/lastack/denied", create=True)
    except RefusedError as error:
        return error.slug
    return ""


def test_who_may_not_write_there_is_told_so() -> None:
    """And everybody has a journal of their own."""
    assert run_as_nobody(_refusal) == "state-folder-refused"
    assert run_as_nobody(default_folder).endswith("/lastack")
    assert not run_as_nobody(default_folder).startswith("/var/lib")
