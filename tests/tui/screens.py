"""The terminal view of one recording, as files: what stands on the screen, and in which style.

``python -m tests.tui.screens`` writes them anew; read them before they are committed. The tests draw them all again and
compare, and hold the numbers on them against the recording.
"""

import asyncio
import os
import string
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from lastack.model.sample import Sample
from lastack.store.reader import Reader
from lastack.store.writer import Writer
from lastack.tui.app import Watch
from lastack.tui.timeline import Recorded
from tests.model.samples import SERVED, UPSTREAM, closed, cohort, listener, sample
from tests.store.stores import START, taken

__all__ = ["FOLDER", "LAST", "SCREENS", "Screen", "drawn", "recording"]

FOLDER = Path(__file__).parent / "screens"
LAST = 60  # ten minutes

_SIZES = ((80, 24), (120, 40))
_TCP = dict.fromkeys(("AttemptFails", "EstabResets", "InSegs"), 0)
_TCP_EXT = dict.fromkeys(
    ("ListenOverflows", "PAWSEstab", "SyncookiesSent", "TCPAbortOnClose", "TCPTimeWaitOverflow"), 0
)
_PANES = {"destinations": "d", "listeners": "l", "findings": "f"}


class Screen(NamedTuple):
    """One screen.

    Attributes:
        width: columns.
        height: lines.
        pane: which table is below the states.
        color: whether there are colours.
        styled: whether it is the styles that are looked at, and not the text.
    """

    width: int
    height: int
    pane: str
    color: bool = True
    styled: bool = False

    @property
    def file(self) -> Path:
        """Where it is kept."""
        colors = ("-color" if self.color else "-no-color") if self.styled else ""
        return FOLDER / f"{self.width}x{self.height}-{self.pane}{colors}.txt"


SCREENS = (
    *(Screen(*size, pane) for size in _SIZES for pane in _PANES),
    *(Screen(*size, "destinations", color=color, styled=True) for size in _SIZES for color in (True, False)),
)


def recording() -> Iterator[Sample]:
    """A proxy, ten minutes of it: a sample each ten seconds.

    The nth has 1,000 + 10 n clients and 40 connections to its upstream, of which it closes 50 a second; it leaves 418
    TIME_WAIT a second on its own port, and holds 100 + 2 n connections that their clients have closed.
    """
    for number in range(LAST + 1):
        yield sample(
            cohort("ESTABLISHED", 1000 + 10 * number, **SERVED, process="nginx/812"),
            cohort("ESTABLISHED", 40, **UPSTREAM, process="nginx/812"),
            cohort("CLOSE_WAIT", 100 + 2 * number, **SERVED, process="nginx/812"),
            cohort("FIN_WAIT1", 17, **SERVED, orphan=True),
            closed(dict.fromkeys(range(60), 418), **SERVED),
            closed(dict.fromkeys(range(60), 50), **UPSTREAM),
            listeners=[
                listener(80, process="nginx/812", queue=3, backlog=511),
                listener(443, address="::", family=6, process="nginx/812", backlog=511),
            ],
            taken_at=taken(number),
            uptime_s=1000.0 + number * 10,
            counters={
                "Tcp": {"ActiveOpens": 500 * number, "PassiveOpens": 4200 * number} | _TCP,
                "TcpExt": _TCP_EXT,
            },
        )


def drawn(screen: Screen) -> str:
    """What the view shows of the end of the recording."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/store.db"
        with Writer(path) as writer:
            for one in recording():
                writer.append(one)
        return asyncio.run(_drawn(path, screen))


async def _drawn(path: str, screen: Screen) -> str:
    with Reader(path) as reader:
        app = _app(reader, color=screen.color)
        async with app.run_test(size=(screen.width, screen.height)) as pilot:
            await pilot.press("right", _PANES[screen.pane])
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
    lines = [[(part.text, str(part.style)) for part in strip] for strip in strips]
    return _styles(lines) if screen.styled else _text(lines)


def _app(reader: Reader, *, color: bool) -> Watch:
    """As the command makes it; textual looks at NO_COLOR at that moment."""
    before = os.environ.pop("NO_COLOR", None)
    if not color:
        os.environ["NO_COLOR"] = "1"
    try:
        return Watch(Recorded(reader, START.replace(minute=LAST // 6 - 1, second=50)), 60, live=False)
    finally:
        os.environ.pop("NO_COLOR", None)
        if before is not None:
            os.environ["NO_COLOR"] = before


_Lines = list[list[tuple[str, str]]]


def _text(lines: _Lines) -> str:
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def _styles(lines: _Lines) -> str:
    """Line by line how many characters have which style, as a letter; then what each letter stands for."""
    letters = dict(zip(dict.fromkeys(style for line in lines for _, style in line), string.ascii_letters, strict=False))
    runs = [groupby("".join(letters[style] * len(text) for text, style in line)) for line in lines]
    told = [" ".join(f"{letter}{len(list(same))}" for letter, same in line) for line in runs]
    return "".join(f"{line}\n" for line in (*told, "", *(f"{letter}: {style}" for style, letter in letters.items())))


if __name__ == "__main__":
    for one in SCREENS:
        one.file.write_text(drawn(one), "utf-8")
