"""Writing a store: samples in, old ones out."""

import sqlite3
from datetime import datetime
from types import TracebackType
from typing import Self

from lastack.errors import InputError
from lastack.model.sample import Sample
from lastack.model.totals import by_state, timeline
from lastack.store.frame import Frame, to_frame
from lastack.store.pack import NOTHING, pack
from lastack.store.schema import CHAIN, COLUMNS, connect, refusal

__all__ = ["Writer"]

_OPENED = ("ActiveOpens", "PassiveOpens")
_STATES = ", ".join(COLUMNS.values())
_MARKS = ", ".join("?" * len(COLUMNS))
_INSERT = f"INSERT INTO moment (at_ms, series, chain, closes, opened, {_STATES}) VALUES (?, ?, ?, ?, ?, {_MARKS})"  # noqa: S608 - the names are ours


class Writer:
    """A store that is written to; a context manager.

    Args:
        path: the file; made where there is none.

    Raises:
        InputError: ``not-a-store``, ``store-too-new``, ``store-damaged``.
        RefusedError: ``unsafe-store``, ``store-refused``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection = connect(path, write=True)
        self._series = 0
        self._chain = 0
        self._length = 0
        self._last = NOTHING

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def append(self, sample: Sample) -> None:
        """Put a sample in, for good.

        Raises:
            RefusedError: ``store-refused``: the disk is full, say. Nothing has changed then.
            InputError: ``store-damaged``, ``malformed-sample``.
        """
        frame = to_frame(sample)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            series = self._series_of(sample)
            goes_on = self._goes_on(series, frame)
            states = by_state(sample.cohorts) | {"LISTEN": len(sample.listeners)}
            counts = [states.get(name, 0) for name in COLUMNS]
            closes = sum(timeline(sample.cohorts))
            row = (milliseconds(sample.taken_at), series, self._chain, closes, _opened(sample), *counts)
            number = self._connection.execute(_INSERT, row).lastrowid or 0
            chain = self._chain if goes_on else number
            if not goes_on:
                self._connection.execute("UPDATE moment SET chain = id WHERE id = ?", (number,))
            packed, frame = pack(frame, self._last if goes_on else NOTHING)
            self._connection.execute("INSERT INTO body VALUES (?, ?)", (number, packed))
            self._connection.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise refusal(self._path, error) from error
            if isinstance(error, OverflowError):
                message = "a number of the sample is larger than any that a kernel has"
                raise InputError("malformed-sample", message) from error
            raise
        self._series, self._chain, self._last = series, chain, frame
        self._length = self._length + 1 if goes_on else 1

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _goes_on(self, series: int, frame: Frame) -> bool:
        """Whether the sample continues our chain; another process may have pruned that away."""
        if series != self._series or self._length >= CHAIN or frame.uptime_s <= self._last.uptime_s:
            return False
        query = "SELECT 1 FROM moment WHERE id = ?"
        return self._connection.execute(query, (self._chain,)).fetchone() is not None

    def _series_of(self, sample: Sample) -> int:
        key = (sample.host, sample.boot_id or "", sample.netns, sample.netns_name or "", sample.kernel)
        columns = "host, boot_id, netns, netns_name, kernel"
        self._connection.execute(f"INSERT OR IGNORE INTO series ({columns}) VALUES (?, ?, ?, ?, ?)", key)  # noqa: S608 - as above
        query = f"SELECT id FROM series WHERE ({columns}) = (?, ?, ?, ?, ?)"  # noqa: S608 - as above
        found: int = self._connection.execute(query, key).fetchone()[0]
        return found

    def prune(self, *, before_ms: int, most_bytes: int) -> int:
        """Delete the oldest chains: those that ended before a time, then as many as the file is too large for.

        Gives how many samples went. The chain that is being written stays.

        Raises:
            RefusedError: ``store-refused``.
        """
        try:
            gone = self._delete_chains("HAVING max(at_ms) < ?", before_ms)
            while self._size() > most_bytes and (more := self._delete_chains("ORDER BY max(at_ms) LIMIT ?", 1)):
                gone += more
            if gone:
                self._connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM moment)")
                self._connection.executescript("PRAGMA incremental_vacuum")  # execute() would free one page
        except sqlite3.Error as error:
            self._roll_back()
            raise refusal(self._path, error) from error
        return gone

    def _delete_chains(self, which: str, value: int) -> int:
        chains = f"SELECT chain FROM moment WHERE chain <> ? GROUP BY chain {which}"  # noqa: S608 - as above
        found = [row[0] for row in self._connection.execute(chains, (self._chain, value)).fetchall()]
        gone = 0
        for chain in found:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                "DELETE FROM body WHERE moment IN (SELECT id FROM moment WHERE chain = ?)", (chain,)
            )
            gone += self._connection.execute("DELETE FROM moment WHERE chain = ?", (chain,)).rowcount
            self._connection.execute("COMMIT")
        return gone

    def _size(self) -> int:
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        used: int = (pages - free) * size
        return used


def milliseconds(taken_at: str) -> int:
    """Unix time of RFC 3339.

    Raises:
        InputError: ``malformed-sample``.
    """
    try:
        at = datetime.fromisoformat(taken_at)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InputError("malformed-sample", f"taken_at is {taken_at!r}; expected a time such as 2026-03-01T12:00:00Z")
    return round(at.timestamp() * 1000)


def _opened(sample: Sample) -> int | None:
    counters = sample.counters.get("Tcp", {})
    return sum(counters[name] for name in _OPENED) if all(name in counters for name in _OPENED) else None
