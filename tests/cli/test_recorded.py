"""Commands that look back: ``--at`` and ``--between``, on a store that was filled by hand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from lastack.lab import Cohort, Lab
from lastack.store.writer import Writer
from tests.cli.running import lastack, lastack_in
from tests.store.stores import series

COUNT = 40
LAST = datetime.now(UTC) - timedelta(seconds=60)


def taken(number: int, late_s: float = 0.0) -> str:
    """When the sample of that number was taken, or so much later."""
    at = LAST - timedelta(seconds=10 * (COUNT - 1 - number) - late_s)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Samples ten seconds apart, of which the last was taken a minute ago."""
    path = str(tmp_path_factory.mktemp("store") / "store.db")
    with Writer(path) as writer:
        for number, sample in enumerate(series(COUNT)):
            writer.append(replace(sample, taken_at=taken(number)))
    return path


def established(store: str, when: str) -> int:
    """How many there were then, as census has it."""
    done = lastack("census", "--store", store, "--json", "--at", when)
    assert done.returncode == 0, done.stderr
    count: int = json.loads(done.stdout)["states"]["ESTABLISHED"]
    return count


def test_a_census_of_then(store: str) -> None:
    """The last sample until now, and until some seconds after another one, each by its number."""
    assert established(store, "now") == 100 + COUNT - 1
    assert established(store, taken(13)) == established(store, taken(13, late_s=9)) == 113
    done = lastack("census", "--store", store, "--at", "now", "--by", "process", "--like", "netstat")
    assert done.returncode == 2


def test_a_census_of_a_span(store: str) -> None:
    """Least, mean and most, from known numbers."""
    done = lastack("census", "--store", store, "--between", "-1h", "now", "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "lastack.census-span/1"
    assert document["states"]["ESTABLISHED"] == {"least": 100, "mean": 119.5, "most": 139}
    assert sum(stretch["samples"] for stretch in document["stretches"]) == document["samples"] == COUNT
    text = lastack("census", "--store", store, "--between", "-1h", "now").stdout
    assert "ESTABLISHED    100  119.5   139" in text


def test_the_doctor_has_the_minute_before(store: str) -> None:
    """So it knows rates where it looks back; between two times it has the first and the last."""
    for options, interval in ((("--at", "now"), 60), (("--between", "-1h", "now"), 10 * (COUNT - 1))):
        document = json.loads(lastack("doctor", "--store", store, "--json", *options).stdout)
        assert document["interval_s"] == interval


def test_a_forecast_of_then(tmp_path: Path) -> None:
    """Of a real recording: 2,000 connections closed within ten seconds are 200 a second, and ten times that 2,000."""
    store = str(tmp_path / "store.db")
    with Lab() as lab:
        lab.server.set({"net.ipv4.tcp_tw_reuse": 0})
        lastack_in(lab, "record", "--once", "--store", store)
        lab.populate([Cohort("TIME_WAIT", 2_000, active=True, port=8080, remote="198.18.0.2")])
        lastack_in(lab, "record", "--once", "--store", store)
    for looking_back in (("--at", "now"), ("--between", "-5m", "now")):
        done = lastack("forecast", "--store", store, "--times", "10", "--json", *looking_back)
        assert done.returncode == 0, done.stderr
        (flow,) = json.loads(done.stdout)["flows"]
        assert flow["steady"]["flow"]["name"] == "198.18.0.1 > 198.18.0.2:8080"
        assert flow["steady"]["flow"]["rate_per_s"] == 2_000


def test_compare_takes_times(store: str) -> None:
    """Two times, a span, or one against this host: the numbers are those of the samples."""
    for options in (("--between", "-1h", "now"), (taken(0, late_s=9), taken(COUNT - 1))):
        document = json.loads(lastack("compare", "--store", store, "--json", *options).stdout)
        (state,) = (one for one in document["states"] if one["state"] == "ESTABLISHED")
        assert (state["before"], state["after"]) == (100, 139)


def test_a_time_that_nobody_recorded(store: str) -> None:
    """An error that says so, and how to see what is there."""
    for command in ("census", "doctor", "compare", "forecast"):
        done = lastack(command, "--store", store, "--at", "-3d")
        assert done.returncode == 2
        assert "has no sample" in done.stderr
        assert "--list" in done.stderr


def test_a_span_that_ends_before_it_begins(store: str) -> None:
    """A usage error."""
    for command in ("census", "doctor", "compare", "forecast"):
        done = lastack(command, "--store", store, "--between", "now", "-1h")
        assert (done.returncode, "is not before" in done.stderr) == (2, True)


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    """Is not made by looking."""
    done = lastack("doctor", "--store", str(tmp_path / "none.db"), "--at", "now")
    assert (done.returncode, "there is no store" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_two_sources_are_too_many(store: str) -> None:
    """A time, a span, a file and a live namespace exclude one another."""
    for command in ("census", "doctor", "forecast"):
        for more in (("--from", "x"), ("--between", "-2h", "-1h"), ("--netns", "1")):
            assert lastack(command, "--store", store, "--at", "now", *more).returncode == 2
