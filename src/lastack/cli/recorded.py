"""Samples out of the store, for commands that look back: ``--at TIME``, ``--between A B``."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lastack.cli.when import moment, now
from lastack.errors import InputError, UsageError
from lastack.model.flow import Moment
from lastack.model.sample import Sample

if TYPE_CHECKING:
    from lastack.store.reader import Reader

__all__ = ["moment_in", "moment_of", "pair_in", "span_of"]

# How much older than the moment asked for a sample may be. A recorder that stood still shows nothing of now.
_STALE_S = 3600
_WINDOW_S = 61


def moment_in(options: argparse.Namespace, when: str) -> Moment:
    """The last sample of that time or before, with the minute before it.

    Raises:
        UsageError: ``bad-time``.
        InputError: ``no-such-store``, ``nothing-recorded``, and others of the store's.
        RefusedError: ``store-refused``.
    """
    from lastack.store.reader import Reader  # noqa: PLC0415 - most commands need no store

    at = moment(when, now())
    with Reader(options.store) as reader:
        return moment_of(reader, options.store, at)


def moment_of(reader: "Reader", store: str, at: datetime) -> Moment:
    """As ``moment_in``, of a store that is open; ``store`` is its name in messages."""
    sample = reader.at(_ms(at))
    if sample is None or _age_s(sample, at) > _STALE_S:
        raise _nothing(store, f"at {_spoken(at)} nor in the hour before")
    return _with_its_minute(reader, sample)


def pair_in(options: argparse.Namespace) -> tuple[Moment, Moment]:
    """The first and the last of ``options.between``. Raises as ``moment_in``; ``bad-span``."""
    from lastack.store.reader import Reader  # noqa: PLC0415 - as above

    first, last = span_of(options.between)
    with Reader(options.store) as reader:
        before, after = reader.after(_ms(first)), reader.at(_ms(last))
        if before is None or after is None or before.taken_at >= after.taken_at:
            raise _nothing(options.store, f"pair between {_spoken(first)} and {_spoken(last)}")
        return _with_its_minute(reader, before), _with_its_minute(reader, after)


def _with_its_minute(reader: "Reader", sample: Sample) -> Moment:
    last = _ms(datetime.fromisoformat(sample.taken_at))
    minute = [one for one in reader.between(last - _WINDOW_S * 1000, last) if one.taken_at < sample.taken_at]
    before = minute or [one for one in [reader.at(last - 1)] if one is not None]
    return Moment.last_of([*before, sample])


def span_of(between: list[str]) -> tuple[datetime, datetime]:
    """Both ends of a span, the first one earlier.

    Raises:
        UsageError: ``bad-time``, ``bad-span``.
    """
    at = now()
    first, last = (moment(when, at) for when in between)
    if first >= last:
        raise UsageError("bad-span", f"{between[0]} is not before {between[1]}", "the earlier time comes first")
    return first, last


def _nothing(store: str, when: str) -> InputError:
    return InputError("nothing-recorded", f"{store} has no sample {when}", "`lastack record --list` says what it has")


def _age_s(sample: Sample, at: datetime) -> float:
    return (at - datetime.fromisoformat(sample.taken_at)).total_seconds()


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _spoken(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
