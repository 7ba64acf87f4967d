"""How far long work is, on a line of a terminal that is gone when the work is done."""

from types import TracebackType
from typing import Self, TextIO

from lastack.cli.draw import plain

__all__ = ["ProgressLine"]

_ERASED = "\r\x1b[K"  # EL: erase to the end of the line (ECMA-48, 8.3.41)


class ProgressLine:
    """Writes over what it wrote before; says nothing where ``stream`` is no terminal. A context manager."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def __enter__(self) -> Self:
        return self

    def show(self, text: str) -> None:
        """Show this instead of what is there."""
        self._write(f"lastack: {plain(text)}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")

    def _write(self, text: str) -> None:
        if self._stream:
            self._stream.write(f"{_ERASED}{text}")
            self._stream.flush()
