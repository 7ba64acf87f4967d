"""History and comparison out of a store."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lastack.errors import LastackError
from lastack.model.flow import Moment
from lastack.store.reader import Reader
from lastack.store.writer import Writer
from lastack.web.recordings import Recordings, history
from tests.store.stores import START, series, taken


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Of 360 samples: an hour."""
    path = tmp_path / "store.db"
    with Writer(str(path)) as writer:
        for sample in series(360):
            writer.append(sample)
    return path


def test_history_is_a_chart(store: Path) -> None:
    """ESTABLISHED grows by one each ten seconds, from 100 to 459."""
    with Reader(str(store)) as reader:
        found = history(reader, START + timedelta(seconds=3595), 3600)
    assert found["samples"] == 360
    assert found["states"]["ESTABLISHED"] == {"least": 100, "mean": 279.5, "most": 459}
    assert len(found["stretches"]) <= 300
    assert found["first"] == "2026-03-01T11:59:55Z"


def _compared(store: Path, before: str, after: str, live: Moment | None = None) -> dict[str, Any]:
    recordings = Recordings(str(store))
    try:
        return asyncio.run(recordings.compare(before, after, lambda: live))
    finally:
        recordings.close()


def test_two_moments_are_compared(store: Path) -> None:
    """As `lastack compare` does: numbers, a verdict, and why."""
    found = _compared(store, taken(30), taken(330))
    numbers = {one["state"]: (one["before"], one["after"]) for one in found["states"]}
    assert numbers["ESTABLISHED"] == (130, 430)
    assert found["verdict"].startswith("ESTABLISHED rose from 130 to 430")
    assert found["why"]


def test_now_is_the_live_host(store: Path) -> None:
    """Where it has been seen."""
    (live,) = series(1, first=1000)
    assert _compared(store, taken(330), "now", Moment(live))["after"]["taken_at"] == taken(1000)


@pytest.mark.parametrize(("when", "slug"), [("nonsense", "bad-time"), ("2020-01-01", "nothing-recorded")])
def test_what_cannot_be_compared(store: Path, when: str, slug: str) -> None:
    """It says why."""
    with pytest.raises(LastackError) as caught:
        _compared(store, when, taken(1))
    assert caught.value.slug == slug


def test_questions_do_not_pile_up(store: Path) -> None:
    """Eight wait at most, then the next is refused."""

    async def ask() -> list[Any]:
        recordings = Recordings(str(store))
        answers = await asyncio.gather(*(recordings.history(3600) for _ in range(20)), return_exceptions=True)
        recordings.close()
        return answers

    answers = asyncio.run(ask())
    refused = [one for one in answers if isinstance(one, LastackError)]
    assert [one.slug for one in refused] == ["store-busy"] * 12


def test_a_store_that_is_none_is_an_error_at_the_start(tmp_path: Path) -> None:
    """Not when somebody asks."""
    with pytest.raises(LastackError) as caught:
        Recordings(str(tmp_path / "none.db"))
    assert caught.value.slug == "no-such-store"
