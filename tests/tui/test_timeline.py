"""Where the view's samples come from."""

from datetime import timedelta
from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.lab import Cohort, Lab
from lastack.store.reader import Reader
from lastack.store.writer import Writer
from lastack.tui.timeline import HISTORY, Live, Recorded
from tests.store.stores import START, series, taken


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Of 100 samples, ten seconds apart."""
    path = str(tmp_path / "store.db")
    with Writer(path) as writer:
        for sample in series(100):
            writer.append(sample)
    return path


def test_a_recording_is_stepped_through(store: str) -> None:
    """To and fro, and no further than it goes."""
    with Reader(store) as reader:
        line = Recorded(reader, START + timedelta(seconds=505))
        seen = [line.moment().sample.taken_at]
        for by in (1, -2, 1000, -1000):
            line.step(by)
            seen.append(line.moment().sample.taken_at)
    assert seen == [taken(number) for number in (50, 51, 49, 99, 0)]


def test_rates_come_from_ten_seconds_before(store: str) -> None:
    """And the chart from ten minutes before."""
    with Reader(store) as reader:
        line = Recorded(reader, START + timedelta(seconds=900))
        earlier = line.moment().earlier
        assert earlier is not None
        assert earlier.taken_at == taken(89)
        assert 1 < len(line.history()) <= HISTORY
        assert line.history()[-1]["ESTABLISHED"] in range(187, 191)
        assert line.behind == 1
        line.step(50)
        assert line.behind == 0


def test_before_the_first_sample_there_is_nothing(store: str) -> None:
    """It says so."""
    with Reader(store) as reader, pytest.raises(InputError) as caught:
        Recorded(reader, START - timedelta(days=1))
    assert caught.value.slug == "nothing-recorded"


def _stepped() -> list[tuple[int, str]]:
    line = Live(None)
    for _ in range(3):
        line.tick()
    seen = []
    for step in (0, -1, -99, 2, 99):
        line.step(step)
        seen.append((line.behind, line.moment().sample.taken_at))
    line.step(-1)
    line.tick()
    seen.append((line.behind, line.moment().sample.taken_at))
    return seen


def test_the_kernel_is_stepped_through_too() -> None:
    """As far as samples were kept; who looks back goes on looking at the same one."""
    with Lab() as lab:
        lab.populate([Cohort("ESTABLISHED", 3)])
        seen = lab.server.call(_stepped)
    assert [behind for behind, _ in seen] == [0, 1, 3, 1, 0, 2]
    assert seen[1][1] == seen[3][1] == seen[5][1]
    assert seen[2][1] < seen[1][1] < seen[0][1]
