"""Numbers as people read them."""

from collections.abc import Mapping

__all__ = ["counted", "megabytes", "one_decimal", "percent", "span", "top"]


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "port"), counted(28232, "port"), counted(2, "process", "processes")
    ('1 port', '28,232 ports', '2 processes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def megabytes(size_bytes: int) -> str:
    """An amount of memory.

    >>> megabytes(13_070_327), megabytes(1000)
    ('13.1 MB', '0.0 MB')
    """
    return f"{size_bytes / 1e6:.1f} MB"


def one_decimal(number: float) -> float:
    """Rounded as evidence shows it."""
    return round(number, 1)


def percent(part: float, whole: float) -> float:
    """Percent, with one decimal; of nothing, 0.

    >>> percent(125, 1195), percent(0, 0)
    (10.5, 0.0)
    """
    return round(100 * part / whole, 1) if whole else 0.0


def span(low_bytes: int, high_bytes: int) -> str:
    """From one amount of memory to another, in the unit of the larger.

    >>> span(6_422_272, 13_070_327), span(8_448, 17_193)
    ('6.4 to 13.1 MB', '8.4 to 17.2 kB')
    """
    unit, size = ("MB", 1e6) if high_bytes >= 1e5 else ("kB", 1e3)
    return f"{low_bytes / size:.1f} to {high_bytes / size:.1f} {unit}"


def top(counts: Mapping[str, int], most: int = 3) -> str | None:
    """The first few of counts that are in order already, on one line.

    >>> top({"a": 3000, "b": 2}), top({})
    ('a (3,000), b (2)', None)
    """
    return ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:most]) or None
