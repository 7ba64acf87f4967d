"""Times on the command line: RFC 3339, a day, a time of day, or how long ago. Pure: now and the time zone are given."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lastack.errors import UsageError

__all__ = ["looks_like_a_time", "moment", "now"]

_AGO = re.compile(r"-?((?:\d+(?:\.\d+)?[dhms])+)(?: ?ago)?")
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_TIME_OF_DAY = re.compile(r"\d\d?:\d\d(?::\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d.*)?")

Local = Callable[[datetime], datetime]


def now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def _of_this_host(naive: datetime) -> datetime:
    return naive.astimezone()


def moment(text: str, at: datetime, local: Local = _of_this_host) -> datetime:
    """The moment that a text names.

    Args:
        text: ``now``; ``-10m``, ``-1h30m``, ``10m ago``; ``14:05``, ``14:05:30`` (the last time that it was so late);
            ``2026-03-01``; ``2026-03-01 14:05``; ``2026-03-01T14:05:00Z``, RFC 3339.
        at: now, aware.
        local: makes a naive time of this host an aware one.

    Raises:
        UsageError: ``bad-time``.

    >>> noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    >>> moment("-1h30m", noon).isoformat(), moment("2026-02-28T14:05:00Z", noon).isoformat()
    ('2026-03-01T10:30:00+00:00', '2026-02-28T14:05:00+00:00')
    """
    words = text.strip()
    try:
        if words == "now":
            return at
        if ago := _AGO.fullmatch(words):
            return at - sum((timedelta(**{_UNITS[unit]: float(n)}) for n, unit in _PART.findall(ago[1])), timedelta())
        if _TIME_OF_DAY.fullmatch(words):
            return _last_time_of_day(words, at, local)
        if _DATE.fullmatch(words):
            found = datetime.fromisoformat(words)
            return (local(found) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UsageError("bad-time", f"{text!r} is no time", "say 14:05, -10m, 2026-03-01, 2026-03-01T14:05:00Z, or now")


def _last_time_of_day(words: str, at: datetime, local: Local) -> datetime:
    hour, minute, *second = map(int, words.split(":"))
    # What day it is where the time of day is meant: the zone of the moment itself, give or take a change of clocks.
    here = local(at.replace(tzinfo=None)).utcoffset() or timedelta()
    today = (at + here).replace(hour=hour, minute=minute, second=second[0] if second else 0, microsecond=0, tzinfo=None)
    days = (local(today - timedelta(days=back)).astimezone(UTC) for back in (0, 1))
    return next(day for day in (*days, at) if day <= at)


def looks_like_a_time(text: str) -> bool:
    """Whether ``moment`` would take it, were its numbers right."""
    return text == "now" or any(pattern.fullmatch(text) for pattern in (_AGO, _TIME_OF_DAY, _DATE))
