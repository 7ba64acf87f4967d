"""Whose file it is, and of which version."""

import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lastack.errors import InputError, LastackError
from lastack.store.reader import Reader
from lastack.store.schema import APPLICATION_ID, COLUMNS, VERSION, connect
from lastack.store.writer import Writer
from lastack.tcp.states import NAMES
from tests.store.stores import series


def other_program(path: Path) -> None:
    """A database of somebody else's."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE moment (id INTEGER)")


def newer(path: Path) -> None:
    """A store of a version to come."""
    with Writer(str(path)) as writer:
        writer._connection.execute(f"PRAGMA user_version = {VERSION + 1}")


def text(path: Path) -> None:
    """No database."""
    path.write_text("net.ipv4.tcp_tw_reuse = 1\n" * 100)


def link(path: Path) -> None:
    """A symbolic link."""
    path.symlink_to(path.parent / "elsewhere.db")


def pipe(path: Path) -> None:
    """No plain file."""
    os.mkfifo(path)


def writable_by_all(path: Path) -> None:
    """A store that everybody may write."""
    with Writer(str(path)):
        pass
    path.chmod(0o666)


def cut(path: Path) -> None:
    """A store whose second half is gone."""
    with Writer(str(path)) as writer:
        for sample in series(200):
            writer.append(sample)
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("make", "slug"),
    [
        (other_program, "not-a-store"),
        (text, "not-a-store"),
        (newer, "store-too-new"),
        (link, "store-refused"),
        (pipe, "unsafe-store"),
        (writable_by_all, "unsafe-store"),
    ],
)
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, make: Callable[[Path], None], slug: str) -> None:
    """The error says which kind it is, and nothing is written."""
    path = tmp_path / "store.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(LastackError) as raised:
        Writer(str(path))
    assert raised.value.slug == slug
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.mark.parametrize(
    ("make", "slug"), [(other_program, "not-a-store"), (text, "not-a-store"), (newer, "store-too-new")]
)
def test_nor_is_it_read(tmp_path: Path, make: Callable[[Path], None], slug: str) -> None:
    """The same error on reading."""
    make(tmp_path / "store.db")
    with pytest.raises(LastackError) as raised:
        Reader(str(tmp_path / "store.db"))
    assert raised.value.slug == slug


def test_half_a_store_is_damaged(tmp_path: Path) -> None:
    """A file that lost its end is told, by name, when what is lost is asked for."""
    cut(tmp_path / "store.db")
    with pytest.raises(LastackError, match=r"store\.db") as raised, Reader(str(tmp_path / "store.db")) as reader:
        list(reader.between(0, 1 << 60))
    assert raised.value.slug in {"store-damaged", "not-a-store"}


def test_reading_makes_no_file(tmp_path: Path) -> None:
    """A store that is not there is an error, and stays so."""
    with pytest.raises(LastackError) as raised:
        Reader(str(tmp_path / "store.db"))
    assert raised.value.slug == "no-such-store"
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_its_tables_yet_is_no_store_yet(tmp_path: Path) -> None:
    """As a recorder leaves it for a moment when it begins."""
    (tmp_path / "store.db").touch(0o600)
    with pytest.raises(LastackError, match="empty so far") as raised:
        Reader(str(tmp_path / "store.db"))
    assert raised.value.slug == "no-such-store"


def test_a_place_where_no_file_can_be_made() -> None:
    """To one who writes, that there is none yet is no help."""
    with pytest.raises(LastackError, match=r"/proc/store\.db") as raised:
        Writer("/proc/store.db")
    assert raised.value.slug == "store-refused"


def _make(path: str) -> None:
    Writer(path).close()


def test_readers_that_come_while_it_is_made_find_all_or_nothing(tmp_path: Path) -> None:
    """Again and again: no store, or a store; never one that is not ours."""
    for number in range(100):
        path = str(tmp_path / f"{number}.db")
        with ThreadPoolExecutor(2) as threads:
            writing = threads.submit(_make, path)
            while not writing.done():
                try:
                    Reader(path).extent()
                except InputError as error:
                    assert error.slug == "no-such-store"  # noqa: PT017 - or none


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    """By the two numbers that file(1) looks at, and a column for each state."""
    connect(str(tmp_path / "store.db"), write=True).close()
    header = (tmp_path / "store.db").read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == APPLICATION_ID == int.from_bytes(b"LACK", "big")
    assert int.from_bytes(header[60:64], "big") == VERSION
    assert list(COLUMNS) == list(NAMES)
