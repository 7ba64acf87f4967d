"""The terminal view, by its keys, as a pilot presses them."""

import asyncio
import socket
from datetime import timedelta
from pathlib import Path

from textual.widgets import DataTable, Static

from lastack.lab import Cohort, Lab
from lastack.store.reader import Reader
from lastack.store.writer import Writer
from lastack.tui.app import Watch
from lastack.tui.timeline import Live, Recorded
from tests.store.stores import START, series, taken

_EVERY_S = 0.2
_SMALL = (80, 24)


def _title(app: Watch) -> str:
    return str(app.query_one("#title", Static).content)


def _time(app: Watch) -> str:
    return _title(app).split("  ")[2]


def _column(app: Watch, name: str, at: int) -> list[str]:
    table = app.query_one(f"#{name}", DataTable)
    return [str(table.get_row_at(row)[at]) for row in range(table.row_count)]


def _sockets(app: Watch, state: str) -> str:
    return dict(zip(_column(app, "states", 0), _column(app, "states", 1), strict=True))[state]


async def _watch_it_change() -> tuple[str, str, str, str]:
    app = Watch(Live(None), _EVERY_S, live=True)
    async with app.run_test(size=_SMALL) as pilot:
        before = _sockets(app, "ESTABLISHED")
        with socket.create_server(("127.0.0.1", 0)) as server:
            clients = [socket.create_connection(server.getsockname()) for _ in range(4)]
            async with asyncio.timeout(20):
                while _sockets(app, "ESTABLISHED") == before:
                    await pilot.pause(_EVERY_S)
            during = _sockets(app, "ESTABLISHED")
            await pilot.press("space")
            for one in clients:
                one.close()
        await pilot.pause(4 * _EVERY_S)
        frozen = _sockets(app, "ESTABLISHED")
        title = _title(app)
        await pilot.press("q")
    return before, during, frozen, title


def test_live_it_changes_and_frozen_it_does_not() -> None:
    """Four connections over loopback are eight sockets; after the space bar they stay on the screen."""
    with Lab() as lab:
        lab.populate([Cohort("ESTABLISHED", 30)])
        before, during, frozen, title = lab.server.call(lambda: asyncio.run(_watch_it_change()))
    assert (before, during, frozen) == ("30", "38", "38")
    assert title.startswith("LIVE (frozen)")


async def _replay(path: str) -> list[str]:
    seen = []
    with Reader(path) as reader:
        app = Watch(Recorded(reader, START + timedelta(seconds=500)), 0.05, live=False)
        async with app.run_test(size=_SMALL) as pilot:
            seen.append(_title(app))
            await pilot.press("left", "left", "right")
            seen.append(_title(app))
            await pilot.press("shift+right")
            seen.append(_title(app))
            await pilot.press("shift+left", "space")
            async with asyncio.timeout(20):
                while _time(app) < taken(52):
                    await pilot.pause(0.01)
            seen.append(_title(app))
    return seen


def test_a_recording_is_the_same_view(tmp_path: Path) -> None:
    """It begins frozen, the arrows step through it, and the space bar plays it."""
    path = str(tmp_path / "store.db")
    with Writer(path) as writer:
        for sample in series(110):
            writer.append(sample)
    seen = asyncio.run(_replay(path))
    times = [title.split("  ")[2] for title in seen]
    assert times[:3] == [taken(number) for number in (50, 49, 109)]
    assert taken(52) <= times[3] < taken(109)
    assert [title.split("  ")[0] for title in seen] == ["RECORDING (frozen)"] * 3 + ["RECORDING"]


async def _sort_and_filter() -> tuple[list[str], list[str], list[str], list[str]]:
    app = Watch(Live(None), 60, live=True)
    async with app.run_test(size=_SMALL) as pilot:
        await pilot.press("l")
        as_they_come = _column(app, "listeners", 0)
        await pilot.press("s")
        by_address = _column(app, "listeners", 0)
        await pilot.press("slash", *":25", "enter")
        wanted = _column(app, "listeners", 0)
        await pilot.press("escape")
        return as_they_come, by_address, wanted, _column(app, "listeners", 0)


def test_sorting_and_filtering() -> None:
    """`s` goes from column to column, `/` leaves the rows with a text, Escape shows all again."""
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 1, port=port) for port in (443, 25, 2525)])
        as_they_come, by_address, wanted, again = lab.server.call(lambda: asyncio.run(_sort_and_filter()))
    assert as_they_come == ["0.0.0.0:25", "0.0.0.0:443", "0.0.0.0:2525"]
    assert by_address == sorted(as_they_come)
    assert sorted(wanted) == ["0.0.0.0:25", "0.0.0.0:2525"]
    assert again == by_address


async def _findings(size: tuple[int, int]) -> tuple[str, str, list[bool]]:
    app = Watch(Live(None), 60, live=True)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f")
        text = str(app.query_one("#findings", Static).content)
        visible = [pane.display for pane in app.query(".pane")]
        return str(app.query_one("#verdict", Static).content), text, visible


def test_findings_come_with_their_remedies() -> None:
    """And are noted when they come; one pane at a time on 24 lines, all of them on 60."""
    with Lab() as lab:
        lab.populate([Cohort("CLOSE_WAIT", 125), Cohort("ESTABLISHED", 100)])
        verdict, text, small = lab.server.call(lambda: asyncio.run(_findings(_SMALL)))
        *_, large = lab.server.call(lambda: asyncio.run(_findings((160, 60))))
    assert "WARNING close-wait" in verdict
    assert "1. [application]" in text
    assert "close-wait came" in text
    assert (small.count(True), large.count(True)) == (1, 3)


async def _lines() -> list[str]:
    app = Watch(Live(None), 60, live=True)
    async with app.run_test(size=_SMALL) as pilot:
        await pilot.pause()
        return ["".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()]


def test_eighty_columns_and_24_lines_are_enough() -> None:
    """Every state, the closes, the verdict, a table and the keys are on the screen, and nothing is cut off."""
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 3), Cohort("TIME_WAIT", 20, active=True, port=8080)])
        lines = lab.server.call(lambda: asyncio.run(_lines()))
    assert len(lines) == 24
    text = "\n".join(lines)
    for word in (
        "LISTEN",
        "ESTABLISHED",
        "TIME_WAIT",
        "LAST_ACK",
        "closes",
        "nothing wrong",
        "local > remote:port",
        "quit",
    ):
        assert word in text, word
    assert "28,212" in text
    assert " 23 sockets " in lines[0]
