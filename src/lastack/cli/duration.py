"""Lengths of time on the command line: 90, 90s, 250ms, 5m, 1h, 30d."""

import argparse
import re

__all__ = ["days", "duration", "spoken"]

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|[smh])?")
_SECONDS = {None: 1, "ms": 0.001, "s": 1, "m": 60, "h": 3600}
_DAY_S = 86_400


def duration(text: str) -> float:
    """Seconds, up to a day.

    Raises:
        ArgumentTypeError: it is no such thing.

    >>> duration("90"), duration("5m"), duration("1.5h"), duration("250ms")
    (90.0, 300.0, 5400.0, 0.25)
    """
    match = _DURATION.fullmatch(text)
    seconds = float(match[1]) * _SECONDS[match[2]] if match else -1
    if not 0 <= seconds <= _DAY_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time up to a day, such as 90s, 5m or 1h")
    return seconds


def days(text: str) -> float:
    """Seconds, up to a hundred years; as ``duration``, and ``30d``.

    Raises:
        ArgumentTypeError: it is no such thing.
    """
    number, day = (text[:-1], _DAY_S) if text.endswith("d") else (text, 0)
    match = _DURATION.fullmatch(number)
    seconds = float(match[1]) * (day or _SECONDS[match[2]]) if match and not (day and match[2]) else 0.0
    if not 0 < seconds <= 36_525 * _DAY_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time such as 12h or 30d")
    return seconds


def spoken(seconds: float) -> str:
    """As people write it.

    >>> spoken(300), spoken(90), spoken(2.5)
    ('5 min', '90 s', '2.5 s')
    """
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g} s"
