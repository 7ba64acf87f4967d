"""Reads text as a saved file."""

from collections import Counter
from io import BytesIO

from lastack.model.census import SocketRow
from lastack.text.read import Reading, read

__all__ = ["opened", "rows_of", "states_of", "warnings_of"]


def opened(text: str | bytes) -> Reading:
    """The reading of a file with this content."""
    reading = read(BytesIO(text if isinstance(text, bytes) else text.encode()), name="saved")
    assert isinstance(reading, Reading)
    return reading


def rows_of(text: str | bytes) -> list[SocketRow]:
    """Its sockets."""
    return list(opened(text))


def states_of(text: str | bytes) -> dict[str, int]:
    """Its sockets per state."""
    return Counter(row.state for row in opened(text))


def warnings_of(text: str | bytes) -> tuple[str, ...]:
    """What is said once all is read."""
    reading = opened(text)
    list(reading)
    return reading.warnings
