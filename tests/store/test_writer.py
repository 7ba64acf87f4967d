"""Writing a store: what is in is in, and what is too old or too much goes."""

import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lastack.errors import LastackError, RefusedError
from lastack.lab import Lab
from lastack.store.reader import Reader
from lastack.store.schema import CHAIN
from lastack.store.writer import Writer
from tests.model.samples import cohort
from tests.store.stores import milliseconds, series, taken
from tests.tune.mounts import own_mounts, small_disk

HUGE = [cohort("ESTABLISHED", 1 << 70)]
FOR_EVER = {"before_ms": 0, "most_bytes": 1 << 40}


def fill(path: Path, count: int, first: int = 0) -> None:
    """Put so many samples in."""
    with Writer(str(path)) as writer:
        for sample in series(count, first):
            writer.append(sample)


def numbers(path: Path) -> list[int]:
    """Which samples are in, by the number that their ESTABLISHED tell."""
    with Reader(str(path)) as reader:
        found = list(reader.between(0, milliseconds(1_000_000)))
    return [sum(cohort.count for cohort in one.cohorts if cohort.state == "ESTABLISHED") - 100 for one in found]


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    """Over several chains and two writers, in order."""
    store = tmp_path / "store.db"
    fill(store, CHAIN + 7)
    fill(store, 5, first=CHAIN + 7)
    with Reader(str(store)) as reader:
        assert list(reader.between(0, milliseconds(10_000))) == list(series(CHAIN + 12))


def test_two_writers_do_not_get_into_each_others_way(tmp_path: Path) -> None:
    """In turn into one file, each in chains of its own."""
    store = str(tmp_path / "store.db")
    samples = list(series(20))
    with Writer(store) as one, Writer(store) as two:
        for number, sample in enumerate(samples):
            (one, two)[number % 2].append(sample)
    with Reader(store) as reader:
        assert sorted(reader.between(0, milliseconds(100)), key=lambda one: one.taken_at) == samples


def test_another_boot_begins_another_chain(tmp_path: Path) -> None:
    """Each boot's samples come back as of that boot."""
    store = str(tmp_path / "store.db")
    first, second = series(2)
    with Writer(store) as writer:
        writer.append(first)
        writer.append(replace(second, boot_id="b1", uptime_s=5.0))
    with Reader(store) as reader:
        assert [one.boot_id for one in reader.between(0, milliseconds(9))] == ["b0", "b1"]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 600, the folder made for it 700, whatever the umask; SQLite's own files likewise."""
    store = tmp_path / "new" / "store.db"
    before = os.umask(0)
    try:
        with Writer(str(store)) as writer:
            writer.append(next(series(1)))
            modes = {stat.S_IMODE(path.stat().st_mode) for path in store.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}
    assert stat.S_IMODE(store.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("changed", [{"taken_at": "yesterday"}, {"taken_at": "2026-03-01T12:00:00"}, {"cohorts": HUGE}])
def test_what_no_kernel_shows_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    """A time that is none, a number beyond any: an error, and the store goes on without that sample."""
    one, two = series(2)
    with Writer(str(tmp_path / "store.db")) as writer:
        with pytest.raises(LastackError) as raised:
            writer.append(replace(one, **changed))
        writer.append(two)
    assert raised.value.slug == "malformed-sample"
    assert numbers(tmp_path / "store.db") == [1]


def test_old_chains_go(tmp_path: Path) -> None:
    """A chain goes as a whole once its last sample is too old; the one being written stays."""
    store = tmp_path / "store.db"
    fill(store, CHAIN)
    with Writer(str(store)) as writer:
        for sample in series(3, first=CHAIN):
            writer.append(sample)
        assert writer.prune(**FOR_EVER | {"before_ms": milliseconds(CHAIN - 1)}) == 0
        assert writer.prune(**FOR_EVER | {"before_ms": milliseconds(CHAIN - 1) + 1}) == CHAIN
        assert writer.prune(**FOR_EVER | {"before_ms": milliseconds(1_000_000)}) == 0
        writer.append(next(series(1, first=CHAIN + 3)))
    assert numbers(store) == list(range(CHAIN, CHAIN + 4))


def test_the_oldest_go_where_it_is_too_large(tmp_path: Path) -> None:
    """As many chains as needed, and the file becomes smaller."""
    store = tmp_path / "store.db"
    for chain in range(10):
        fill(store, CHAIN, first=chain * CHAIN)
    size = store.stat().st_size
    with Writer(str(store)) as writer:
        writer.append(next(series(1, first=10 * CHAIN)))
        assert writer.prune(**FOR_EVER | {"most_bytes": size // 2}) > 3 * CHAIN
    left = numbers(store)
    assert left == list(range(left[0], 10 * CHAIN + 1))
    assert left[0] % CHAIN == 0
    assert store.stat().st_size <= size // 2


def test_pruning_by_another_process_is_noticed(tmp_path: Path) -> None:
    """Whose chain was taken away does not go on with it: the next sample begins one anew."""
    store = tmp_path / "store.db"
    one, two, three = series(3)
    with Writer(str(store)) as writer, Writer(str(store)) as other:
        writer.append(one)
        other.append(two)
        assert other.prune(**FOR_EVER | {"before_ms": milliseconds(100)}) == 1
        writer.append(three)
    assert numbers(store) == [1, 2]


def test_a_sample_is_in_whole_or_not_at_all(tmp_path: Path) -> None:
    """A body that cannot be written takes its moment with it, and the next sample goes in."""
    store = tmp_path / "store.db"
    with Writer(str(store)) as writer:
        writer.append(next(series(1)))
        writer._connection.execute("CREATE TRIGGER no BEFORE INSERT ON body BEGIN SELECT raise(ABORT, 'no'); END")
        with pytest.raises(LastackError):
            writer.append(next(series(1, first=1)))
        writer._connection.execute("DROP TRIGGER no")
        writer.append(next(series(1, first=2)))
    assert numbers(store) == [0, 2]
    assert sqlite3.connect(store).execute("SELECT count(*) FROM moment").fetchone() == (2,)


def _on_a_small_disk(folder: str) -> tuple[int, int, list[str], bool]:
    """Fill a disk of 400 KB; how many samples went in, how many there are, what was said, whether it goes on later."""
    own_mounts()
    small_disk(folder, 400_000)
    store, ballast = Path(folder, "store.db"), Path(folder, "ballast")
    went_in, refusals = 0, []
    with Writer(str(store)) as writer:
        writer.append(next(series(1)))
        ballast.write_bytes(b"x" * 100_000)
        for sample in series(3000, first=1):
            try:
                writer.append(sample)
                went_in += 1
            except RefusedError as error:
                refusals.append(error.slug)
                if len(refusals) == 5:
                    break
        there = numbers(store)
        ballast.unlink()
        writer.append(next(series(1, first=5000)))
        return went_in + 1, len(there), refusals, numbers(store) == [*there, 5000]


def _elsewhere(folder: str) -> tuple[int, int, list[str], bool]:
    with Lab() as lab:
        return lab.server.call(_on_a_small_disk, folder)


def test_a_full_disk_loses_nothing_older(tmp_path: Path) -> None:
    """What was acknowledged is there, the rest is refused as a whole, and with room again it goes on."""
    went_in, there, refusals, goes_on = _elsewhere(str(tmp_path))
    assert went_in == there > 1
    assert refusals == ["store-refused"] * 5
    assert goes_on


def test_the_numbers_of_a_chart_are_beside_the_samples(tmp_path: Path) -> None:
    """Each moment's row has its states, closes of the minute and connections opened."""
    store = tmp_path / "store.db"
    fill(store, 3)
    rows = sqlite3.connect(store).execute("SELECT at_ms, established, time_wait, closes, opened FROM moment").fetchall()
    assert rows == [(milliseconds(n), 100 + n, 60 * (5 + n), 60 * (5 + n), 50 * n) for n in range(3)]
    assert taken(0) == "2026-03-01T12:00:00.000Z"
