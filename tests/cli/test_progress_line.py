"""The line that says how far long work is."""

import io
import os
import pty
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from lastack.cli.progress_line import ProgressLine


def screen(written: str) -> str:
    """What stands on a terminal's line after this: a return goes to its begin, EL empties it from there."""
    line, at = "", 0
    for part in re.findall(r"\r|\x1b\[K|[^\r\x1b]+", written):
        if part == "\r":
            at = 0
        elif part == "\x1b[K":
            line = line[:at]
        else:
            line = line[:at] + part + line[at + len(part) :]
            at += len(part)
    return line


def interrupted(outer: int, inner: int, texts: Iterable[str]) -> Iterator[str]:
    """All that is written when each of these texts is shown, and when the work is interrupted then."""
    written = ""
    with suppress(InterruptedError), os.fdopen(inner, "w") as terminal, ProgressLine(terminal) as line:
        for text in texts:
            line.show(text)
            written += os.read(outer, 4096).decode()
            yield written
        raise InterruptedError
    yield written + os.read(outer, 4096).decode()


def test_it_writes_over_itself_and_is_gone_at_the_end() -> None:
    """A shorter text leaves nothing of a longer one, an error leaves nothing either; control characters are text."""
    outer, inner = pty.openpty()
    *shown, left = map(screen, interrupted(outer, inner, ("1,000 of 2,000", "2 of 3", "\x1b[2J")))
    os.close(outer)
    assert shown == ["lastack: 1,000 of 2,000", "lastack: 2 of 3", r"lastack: \x1b[2J"]
    assert left == ""


def test_where_there_is_no_terminal_it_is_silent() -> None:
    """A log file has no use for it."""
    log = io.StringIO()
    with ProgressLine(log) as line:
        line.show("1 of 2")
    assert log.getvalue() == ""
