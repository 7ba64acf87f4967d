"""Reading a store: moments, spans, charts."""

from pathlib import Path

import pytest

from lastack.errors import LastackError
from lastack.store.reader import Reader
from lastack.store.schema import CHAIN
from lastack.store.writer import Writer
from tests.store.stores import milliseconds, series

COUNT = 2 * CHAIN + 11


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of some chains."""
    path = str(tmp_path_factory.mktemp("store") / "store.db")
    with Writer(path) as writer:
        for sample in series(COUNT):
            writer.append(sample)
    return path


def test_the_extent(store: str) -> None:
    """How many, from when to when."""
    with Reader(store) as reader:
        assert reader.extent() == (COUNT, milliseconds(0), milliseconds(COUNT - 1))


@pytest.mark.parametrize("number", [0, 1, CHAIN - 1, CHAIN, CHAIN + 1, COUNT - 1])
def test_a_moment_is_the_newest_until_then(store: str, number: int) -> None:
    """At its very time, and until the next one; whatever its place in its chain."""
    samples = list(series(COUNT))
    with Reader(store) as reader:
        assert reader.at(milliseconds(number)) == samples[number]
        assert reader.at(milliseconds(number + 0.99)) == samples[number]
        assert reader.after(milliseconds(number - 0.5)) == samples[number]


def test_before_the_first_there_is_none(store: str) -> None:
    """Nor after the last."""
    with Reader(store) as reader:
        assert reader.at(milliseconds(-1)) is None
        assert reader.after(milliseconds(COUNT)) is None
        assert list(reader.between(milliseconds(-9), milliseconds(-1))) == []


def test_a_span_has_both_its_ends(store: str) -> None:
    """From the middle of one chain to the middle of another."""
    with Reader(store) as reader:
        found = list(reader.between(milliseconds(CHAIN - 3), milliseconds(CHAIN + 3)))
    assert found == list(series(7, first=CHAIN - 3))


def test_a_chart_adds_up_by_hand(store: str) -> None:
    """Of ten samples a stretch: least, mean and most of known numbers."""
    with Reader(store) as reader:
        buckets = reader.chart(milliseconds(0), milliseconds(30) - 1, 3)
    assert [(bucket.at_ms, bucket.samples) for bucket in buckets] == [(milliseconds(10 * n), 10) for n in range(3)]
    assert [bucket.states["ESTABLISHED"] for bucket in buckets] == [
        (104.5 + 10 * n, 109 + 10 * n, 100 + 10 * n) for n in range(3)
    ]
    assert [bucket.opened for bucket in buckets] == [450, 950, 1450]
    assert "LAST_ACK" not in buckets[0].states


def test_a_gap_in_a_recording_is_a_gap_in_its_chart(store: str) -> None:
    """Stretches without a sample are left out."""
    with Reader(store) as reader:
        assert len(reader.chart(milliseconds(-100), milliseconds(99), 20)) == 10


def test_an_empty_store(tmp_path: Path) -> None:
    """It has no extent."""
    with Writer(str(tmp_path / "store.db")):
        pass
    with Reader(str(tmp_path / "store.db")) as reader:
        assert (reader.extent(), reader.at(milliseconds(0))) == (None, None)


def test_a_damaged_sample_is_told(store: str, tmp_path: Path) -> None:
    """The error names the file; samples of other chains can be read."""
    damaged = tmp_path / "store.db"
    damaged.write_bytes(Path(store).read_bytes())
    with Writer(str(damaged)) as writer:
        writer._connection.execute("UPDATE body SET packed = x'00' WHERE moment = ?", (CHAIN + 2,))
    with Reader(str(damaged)) as reader:
        assert reader.at(milliseconds(CHAIN - 1))
        assert reader.at(milliseconds(2 * CHAIN))
        with pytest.raises(LastackError, match=r"store\.db") as raised:
            reader.at(milliseconds(CHAIN + 3))
    assert raised.value.slug == "store-damaged"
