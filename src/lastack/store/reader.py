"""Reading a store: the sample of a moment, samples between two, and charts."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self

from lastack.errors import InputError
from lastack.model.sample import Sample
from lastack.store.frame import Frame, to_sample
from lastack.store.pack import NOTHING, unpack
from lastack.store.schema import COLUMNS, connect, refusal

__all__ = ["Bucket", "Extent", "Reader"]

_CHART = ", ".join(f"avg({column}), max({column}), min({column})" for column in COLUMNS.values())


class Extent(NamedTuple):
    """What a store holds: how many samples, and the times of the first and the last in Unix milliseconds."""

    samples: int
    first_ms: int
    last_ms: int


class Bucket(NamedTuple):
    """A stretch of time in a chart.

    Attributes:
        at_ms: when it begins, Unix milliseconds.
        samples: how many it has.
        states: state to the (mean, most, least) sockets in it; states that no sample had are left out.
        closes: mean of the connections that entered TIME_WAIT in the minute before each sample.
        opened: connections opened since boot, at its end; None where that is unknown.
    """

    at_ms: int
    samples: int
    states: dict[str, tuple[float, int, int]]
    closes: float
    opened: int | None


class Reader:
    """A store that is read from, while another process may write to it; a context manager.

    Raises:
        InputError: ``no-such-store``, ``not-a-store``, ``store-too-new``.
        RefusedError: ``unsafe-store``, ``store-refused``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection = connect(path, write=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def extent(self) -> Extent | None:
        """How far it reaches; None where it is empty."""
        with self._asking():
            row = self._connection.execute("SELECT count(*), min(at_ms), max(at_ms) FROM moment").fetchone()
        return Extent(*row) if row[0] else None

    def at(self, when_ms: int) -> Sample | None:
        """The newest sample of that moment or before; None where there is none."""
        return self._one("at_ms <= ? ORDER BY at_ms DESC, id DESC", when_ms)

    def after(self, when_ms: int) -> Sample | None:
        """The oldest sample of that moment or after; None where there is none."""
        return self._one("at_ms >= ? ORDER BY at_ms, id", when_ms)

    def _one(self, which: str, when_ms: int) -> Sample | None:
        with self._asking():
            query = f"SELECT id, chain FROM moment WHERE {which} LIMIT 1"  # noqa: S608 - our own words
            row = self._connection.execute(query, (when_ms,)).fetchone()
        if row is None:
            return None
        *_, (_, frame) = self._chain(row[1], row[0])
        return self._sample(frame)

    def between(self, first_ms: int, last_ms: int) -> Iterator[Sample]:
        """The samples of a time, both ends included, in the order of their chains, which is that of their time."""
        query = "SELECT chain, min(id), max(id) FROM moment WHERE at_ms BETWEEN ? AND ? GROUP BY 1 ORDER BY min(at_ms)"
        with self._asking():
            chains = self._connection.execute(query, (first_ms, last_ms)).fetchall()
        for chain, first, last in chains:
            for number, frame in self._chain(chain, last):
                if number >= first:
                    yield self._sample(frame)

    def chart(self, first_ms: int, last_ms: int, buckets: int = 600) -> list[Bucket]:
        """The states over a time, in so many stretches at most; those without a sample are left out."""
        width = max((last_ms - first_ms) // buckets + 1, 1)
        query = (
            f"SELECT (at_ms - ?1) / ?3 AS bucket, count(*), avg(closes), max(opened), {_CHART} "  # noqa: S608 - the names are ours
            "FROM moment WHERE at_ms BETWEEN ?1 AND ?2 GROUP BY bucket ORDER BY bucket"
        )
        with self._asking():
            rows = self._connection.execute(query, (first_ms, last_ms, width)).fetchall()
        return [_bucket(first_ms + row[0] * width, row[1:]) for row in rows]

    def _chain(self, chain: int, last: int) -> Iterator[tuple[int, Frame]]:
        """The frames of a chain up to a moment, each with its moment's id."""
        query = "SELECT id, packed FROM moment JOIN body ON moment = id WHERE chain = ? AND id <= ? ORDER BY id"
        with self._asking():
            rows = self._connection.execute(query, (chain, last)).fetchall()
        frame = NOTHING
        for number, packed in rows:
            try:
                frame = unpack(packed, frame)
            except ValueError as error:
                raise self._damaged(error) from error
            yield number, frame

    def _sample(self, frame: Frame) -> Sample:
        try:
            return to_sample(frame)
        except (ValueError, TypeError, LookupError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError("store-damaged", f"{self._path}: {error}", "move it away: `lastack record` begins a new one")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise refusal(self._path, error) from error


def _bucket(at_ms: int, row: tuple[float, ...]) -> Bucket:
    samples, closes, opened, *values = row
    triples = zip(COLUMNS, values[::3], values[1::3], values[2::3], strict=True)
    states = {name: (mean, int(most), int(least)) for name, mean, most, least in triples if most}
    return Bucket(at_ms, int(samples), states, closes, None if opened is None else int(opened))
