"""The page as a person uses it, in a real browser: numbers that change, keys, colours, sizes, hostile names."""

import ctypes
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from lastack.lab import Cohort, Lab
from tests.cli.running import lastack_in
from tests.web.browser import browse
from tests.web.pages import Page, served

_HOSTILE = ("<img src=x>", "<svg onload=1>", "';</script>", "&lt;b&gt;\n\x1b[1m")
_PR_SET_NAME = 15  # include/uapi/linux/prctl.h


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Of a host with known sockets and a recording."""
    store = tmp_path_factory.mktemp("page") / "store.db"
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 2), Cohort("CLOSING", 5), Cohort("ESTABLISHED", 30)])
        assert lastack_in(lab, "record", "--once", "--store", str(store)).returncode == 0
        with served(lab, "--store", str(store)) as opened:
            yield opened


def _count_of(tab: Tab, state: str) -> str:
    return tab.locator(f".wide [data-state={state}] .count").text_content() or ""


def _change(tab: Tab) -> tuple[str, str]:
    """The number of ESTABLISHED before and after 7 more connect to the first listener there is."""
    before = _count_of(tab, "ESTABLISHED")
    port = int(tab.locator("#listeners tbody tr td").first.inner_text().rpartition(":")[2])
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(7)]
    shown = tab.locator(".wide [data-state=ESTABLISHED] .count")
    expect(shown).to_have_text(str(int(before) + 14))
    for one in opened:
        one.close()
    return before, shown.text_content() or ""


def test_a_number_changes_when_the_host_changes(page: Page) -> None:
    """The page is loaded once; 7 connections over loopback are 14 sockets more."""
    before, after = page.lab.server.call(browse, page.port, _change)
    assert int(before) >= 30
    assert int(after) == int(before) + 14


def _drill_down(tab: Tab) -> tuple[str, list[str], str, str]:
    for _ in range(40):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.dataset.state") == "CLOSING":
            break
    tab.keyboard.press("Enter")
    focused = tab.evaluate("document.activeElement.id")
    expect(tab.locator("#detail-title")).to_have_text("CLOSING: 5 sockets")
    row = tab.locator("#detail-table tbody tr").first.locator("td").all_inner_texts()
    pressed = tab.locator(".wide [data-state=CLOSING]").get_attribute("aria-pressed")
    tab.keyboard.press("Escape")
    expect(tab.locator("#detail")).to_be_hidden()
    return focused, row, pressed or "", tab.evaluate("document.activeElement.dataset.state")


def test_drill_down_by_keyboard(page: Page) -> None:
    """Tab to a state, Enter: focus goes to its places; Escape: back to the state."""
    focused, row, pressed, back = page.lab.server.call(browse, page.port, _drill_down)
    assert focused == "detail-title"
    assert re.fullmatch(r"198\.18\.0\.1:\d+", row[0])
    assert row[1:3] == ["5", "the other side"]
    assert (pressed, back) == ("true", "CLOSING")


def _as_heard(tab: Tab) -> str:
    return tab.locator("body").aria_snapshot()


def test_a_screen_reader_has_all_of_it(page: Page) -> None:
    """States are buttons that say their number; edges are a table; regions and tables have names."""
    heard = page.lab.server.call(browse, page.port, _as_heard)
    assert 'button "CLOSING, 5 sockets"' in heard
    assert heard.count('button "TIME_WAIT') == 1
    for name in ("Findings", "States", "Closes of the last minute", "Destinations", "Listeners", "History"):
        assert f'region "{name}"' in heard
    assert "status" in heard


def _colours(tab: Tab) -> list[str]:
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = [tab.evaluate(ground)]
    for _ in range(3):
        tab.locator("#theme").click()
        seen.append(tab.evaluate(ground))
    return seen


def test_light_and_dark(page: Page) -> None:
    """As the system has it, and by the switch: system, light, dark, system."""
    light = page.lab.server.call(browse, page.port, _colours)
    dark = page.lab.server.call(browse, page.port, _colours, dark=True)
    assert light[0] == light[1] == light[3] == dark[1]
    assert dark[0] == dark[2] == dark[3] == light[2]
    assert light[0] != dark[0]


def _fits(tab: Tab) -> tuple[int, bool, bool]:
    over = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return over, tab.locator(".wide").is_visible(), tab.locator(".tall").is_visible()


@pytest.mark.parametrize(("width", "tall"), [(320, True), (390, True), (800, False), (1440, False), (3840, False)])
def test_from_a_phone_to_a_wall(page: Page, width: int, *, tall: bool) -> None:
    """Nothing sticks out, and one of the two diagrams is shown: the one that fits."""
    assert page.lab.server.call(browse, page.port, _fits, width=width) == (0, not tall, tall)


def _recorded(tab: Tab) -> tuple[str, str, list[str]]:
    expect(tab.locator("#charts figcaption").first).to_be_visible()
    charts = tab.locator("#charts figcaption").all_inner_texts()
    tab.locator("#before").fill("-59m")
    tab.locator("#hold").click()
    expect(tab.locator("#compare-text")).not_to_have_text("")
    wrong = tab.locator("#compare-text").inner_text()
    tab.locator("#before").fill("now")
    tab.locator("#after").fill("nonsense")
    tab.locator("#hold").click()
    expect(tab.locator("#compare-text")).to_contain_text("is no time")
    return wrong, tab.locator("#compare-text").inner_text(), charts


def test_history_and_comparison(page: Page) -> None:
    """Charts of what was recorded; two moments held together, or why they cannot be."""
    said, refused, charts = page.lab.server.call(browse, page.port, _recorded)
    assert "has no sample" in said
    assert "nonsense" in refused
    assert any(text.startswith("CLOSING: 5 to 5") for text in charts)


def _listen_as(names: tuple[str, ...]) -> None:
    """Processes with such names, each with a listening socket, until their parent ends."""
    libc = ctypes.CDLL(None)
    for name in names:
        if os.fork() == 0:
            libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: SIGKILL
            libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)
            with socket.create_server(("127.0.0.1", 0)):
                sys.stdin.buffer.read()
            os._exit(0)


def _hostile(tab: Tab) -> tuple[list[str], int]:
    expect(tab.locator("#listeners tbody tr")).to_have_count(len(_HOSTILE) + 1)
    names = tab.locator("#listeners tbody tr td:last-child").all_inner_texts()
    tab.locator(".wide [data-state=LISTEN]").click()
    expect(tab.locator("#detail-table tbody tr")).to_have_count(len(_HOSTILE) + 1)
    strange = tab.locator("main img, main script, main b, main svg[onload]").count()
    return names, strange


def test_hostile_names_are_text() -> None:
    """What looks like markup in a process's name is shown as it is, and nothing of it becomes an element."""
    program = f"import sys; from tests.web.test_page import _listen_as; _listen_as({_HOSTILE!r}); sys.stdin.read()"
    command = [sys.executable, "-c", program]
    with (
        Lab() as lab,
        served(lab, "--user", "root") as opened,
        lab.server.popen(command, stdin=-1, cwd=Path(__file__).parents[2]) as process,
    ):
        try:
            names, strange = lab.server.call(browse, opened.port, _hostile)
        finally:
            process.kill()
    shown = {name.rpartition("/")[0] for name in names}
    assert {"<img src=x>", "<svg onload=1>", "';</script>"} <= shown
    assert strange == 0
