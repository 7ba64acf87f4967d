"""The file of a store, version 1: a SQLite database in WAL mode.

    PRAGMA application_id = 0x4C41434B ("LACK"), PRAGMA user_version = 1

    series   a row for each namespace of each boot of each host: id, host, boot_id, netns, netns_name, kernel
    moment   a row for each sample: id, at_ms (Unix time in milliseconds), series, chain, closes (TIME_WAIT entries of
             the minute before), opened (connections opened since boot, by either side), and the sockets in each state,
             one column a state, by its name in lower case: what a chart of a week is drawn from, without unpacking
    body     a row for each sample: moment, packed (``store.pack``)

Samples of a chain are packed one after the other: each is the difference from the moment before it in the chain, in the
order of their ids; the first, whose id is the chain's, from nothing. A chain has 60 samples at most, of one
series; it is deleted as a whole. A writer begins a chain of its own, so two writers do not get into each other's way.

A commit is on the disk when it returns (``synchronous = FULL``): a sample is in the file whole, or not at all.
"""

import os
import sqlite3
import stat
from pathlib import Path
from urllib.parse import quote

from lastack.errors import InputError, RefusedError
from lastack.tcp.states import NAMES

__all__ = ["APPLICATION_ID", "CHAIN", "COLUMNS", "TABLES", "VERSION", "connect", "refusal"]

APPLICATION_ID = 0x4C41434B
VERSION = 1
CHAIN = 60
COLUMNS = {name: name.lower() for name in NAMES}

_STATES = ", ".join(f"{column} INTEGER NOT NULL DEFAULT 0" for column in COLUMNS.values())
TABLES = f"""
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, host TEXT NOT NULL, boot_id TEXT NOT NULL, netns TEXT NOT NULL, netns_name TEXT NOT NULL,
  kernel TEXT NOT NULL, UNIQUE (host, boot_id, netns, netns_name, kernel)
);
CREATE TABLE IF NOT EXISTS moment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES series, chain INTEGER NOT NULL,
  closes INTEGER NOT NULL, opened INTEGER, {_STATES}
);
CREATE INDEX IF NOT EXISTS moment_at ON moment (at_ms);
CREATE INDEX IF NOT EXISTS moment_chain ON moment (chain);
CREATE TABLE IF NOT EXISTS body (moment INTEGER PRIMARY KEY REFERENCES moment, packed BLOB NOT NULL);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
"""
_IDENTITY = ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
_PATIENCE_S = 10.0
_WAL_BYTES = 4 << 20
_OTHERS_WRITE = 0o022


def connect(path: str, *, write: bool) -> sqlite3.Connection:
    """An open store; ``write``: made, for its owner alone, where there is none.

    Raises:
        InputError: ``no-such-store``, ``not-a-store``, ``store-too-new``, ``store-damaged``.
        RefusedError: ``unsafe-store``, ``store-refused``.
    """
    _check_file(Path(path), write=write)
    address = f"file:{quote(str(Path(path).absolute()))}?mode={'rw' if write else 'ro'}"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=_PATIENCE_S, isolation_level=None)
    except sqlite3.Error as error:
        raise refusal(path, error) from error
    try:
        _check_identity(connection, path, write=write)
        if write:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
    except sqlite3.Error as error:
        connection.close()
        raise refusal(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _check_file(path: Path, *, write: bool) -> None:
    """That it is a plain file, and if we write to it, that nobody else can. SQLite gives its other files its mode."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        if write:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags |= os.O_CREAT
        file = os.open(path, flags, 0o600)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not write:
            raise _no_store(f"there is no store {path}") from None
        raise RefusedError("store-refused", f"{path}: {error.strerror}", "name another with --store") from None
    try:
        status = os.fstat(file)
    finally:
        os.close(file)
    if not stat.S_ISREG(status.st_mode):
        raise RefusedError("unsafe-store", f"{path} is no plain file")
    if write and (status.st_mode & _OTHERS_WRITE or status.st_uid not in {0, os.geteuid()}):
        raise RefusedError("unsafe-store", f"{path} could have been written by others", "chmod 600, chown, or --store")


def _check_identity(connection: sqlite3.Connection, path: str, *, write: bool) -> None:
    try:
        ours, version, tables = _identity(connection)
        empty = not ours and not tables
        if empty and write:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before the first table, or never
            connection.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
            return
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise InputError("not-a-store", f"{path} is no store of lastack: {error}") from error
    if empty:
        raise _no_store(f"{path} is empty so far")
    if ours != APPLICATION_ID:
        raise InputError("not-a-store", f"{path} is no store of lastack")
    if version > VERSION:
        hint = "read it with the lastack that wrote it, or a newer one"
        raise InputError("store-too-new", f"{path} is of version {version}, this lastack knows {VERSION}", hint)


def _identity(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Application, version and number of tables, of one moment: another process may be making the first ones."""
    connection.execute("BEGIN")
    ours, version, tables = (connection.execute(question).fetchone()[0] for question in _IDENTITY)
    connection.execute("COMMIT")
    return ours, version, tables


def _no_store(message: str) -> InputError:
    return InputError("no-such-store", message, "`lastack record` writes one; name another with --store")


def refusal(path: str, error: sqlite3.Error) -> InputError | RefusedError:
    """What SQLite says, as an error of ours."""
    if isinstance(error, sqlite3.OperationalError):
        return RefusedError("store-refused", f"{path}: {error}")
    return InputError("store-damaged", f"{path}: {error}", "move it away: `lastack record` begins a new one")
