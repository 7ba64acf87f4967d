"""Stores for tests: samples of a host that changes from one to the next in ways that are known."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lastack.model.sample import Sample
from tests.model.samples import SERVED, closed, cohort, sample

__all__ = ["START", "milliseconds", "series", "taken"]

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def taken(number: int, every_s: float = 10.0) -> str:
    """When the sample of that number was taken."""
    return (START + timedelta(seconds=number * every_s)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(number: float, every_s: float = 10.0) -> int:
    """The same in Unix milliseconds."""
    return round((START + timedelta(seconds=number * every_s)).timestamp() * 1000)


def series(count: int, first: int = 0, every_s: float = 10.0) -> Iterator[Sample]:
    """Samples ten seconds apart.

    The nth has 100 + n ESTABLISHED, 60 times (5 + n % 7) TIME_WAIT, and a leaking worker that is another each time.
    """
    for number in range(first, first + count):
        yield sample(
            closed(dict.fromkeys(range(60), 5 + number % 7), **SERVED),
            cohort("ESTABLISHED", 100 + number, **SERVED, process="httpd/812"),
            cohort("CLOSE_WAIT", 3, **SERVED, process=f"worker/{number % 5}"),
            taken_at=taken(number, every_s),
            uptime_s=1000.0 + number * every_s,
            counters={"Tcp": {"ActiveOpens": 0, "PassiveOpens": 50 * number}, "TcpExt": {"TW": 40 * number}},
        )
