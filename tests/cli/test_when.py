"""Times on the command line, at a known now and in a known zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lastack.cli.when import looks_like_a_time, moment
from lastack.errors import UsageError

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")  # an hour ahead in winter


def berlin(naive: datetime) -> datetime:
    """A time of day there."""
    return naive.replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-03-01T12:00:30"),
        ("-10m", "2026-03-01T11:50:30"),
        ("10m", "2026-03-01T11:50:30"),
        ("10m ago", "2026-03-01T11:50:30"),
        ("-1d2h30m", "2026-02-28T09:30:30"),
        ("-1.5h", "2026-03-01T10:30:30"),
        ("-90s", "2026-03-01T11:59:00"),
        ("12:05", "2026-03-01T11:05:00"),
        ("13:00:30", "2026-03-01T12:00:30"),
        ("13:01", "2026-02-28T12:01:00"),
        ("9:00", "2026-03-01T08:00:00"),
        ("2026-02-27", "2026-02-26T23:00:00"),
        ("2026-02-27 14:05", "2026-02-27T13:05:00"),
        ("2026-02-27T14:05:00Z", "2026-02-27T14:05:00"),
        ("2026-02-27T14:05:00.25+02:00", "2026-02-27T12:05:00.250000"),
        ("2025-07-01 14:05", "2025-07-01T12:05:00"),
    ],
)
def test_each_form(text: str, expected: str) -> None:
    """As people write it; a time of day is the last one that has passed, in the zone of the host."""
    assert moment(text, NOW, berlin) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert looks_like_a_time(text)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "25:00", "12:60", "10", "-10x", "2026-13-01", "12:5", "-99999999999d"]
)
def test_what_is_no_time(text: str) -> None:
    """An error that shows the text and says what would be one."""
    with pytest.raises(UsageError) as raised:
        moment(text, NOW, berlin)
    assert repr(text) in raised.value.message
    assert "-10m" in raised.value.hint


@pytest.mark.parametrize("hours", range(24))
def test_a_time_of_day_is_never_to_come(hours: int) -> None:
    """At most a day ago, whatever the hour."""
    found = moment(f"{hours:02}:30", NOW, berlin)
    assert timedelta() <= NOW - found <= timedelta(days=1)
    assert found.astimezone(BERLIN).hour == hours


@pytest.mark.parametrize("name", ["before.json", "./14:05.json", "-", "snapshot-10m"])
def test_names_of_files_are_no_times(name: str) -> None:
    """What a snapshot may be called is not taken for a time."""
    assert not looks_like_a_time(name)
