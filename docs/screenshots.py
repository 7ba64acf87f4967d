"""``make screenshots``: the pictures of the documentation, of the article's host under a load, on the real kernel.

The page is photographed by a headless Chromium (``chromium`` on PATH) that playwright drives; the terminal view draws
itself.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from lastack.lab import Lab, Load
from lastack.lab.article import article
from lastack.tui.app import Watch
from lastack.tui.timeline import Live

_FOLDER = Path(__file__).parent / "images"
_WINDOW_S = 11.0  # until rates are means of as long as they are meant to be
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]


def _page() -> None:
    command = [sys.executable, "-m", "lastack", "serve", "--listen", "127.0.0.1:0", "--user", "root"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found is not None
        try:
            _photograph(found[0])
        finally:
            server.send_signal(signal.SIGTERM)


def _photograph(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        page.goto(address)
        page.wait_for_timeout(_WINDOW_S * 1000)
        page.locator(".wide [data-state=TIME_WAIT]").click()
        page.locator("#pause").click()
        for name, text in (("#host", "web1"), ("#facts", _of_no_vendor(page.locator("#facts").inner_text()))):
            page.locator(name).evaluate("(element, text) => { element.textContent = text }", text)
        page.screenshot(path=_FOLDER / "page.png")
        browser.close()


def _of_no_vendor(facts: str) -> str:
    return facts.replace(os.uname().release, os.uname().release.partition("-")[0])


async def _terminal() -> None:
    app = Watch(Live(None), 0.5, live=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(_WINDOW_S)
        drawn = app.export_screenshot(title="lastack watch")
        drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)  # nothing comes from elsewhere
        host = f"&#160;{os.uname().nodename}&#160;"
        (_FOLDER / "watch.svg").write_text(drawn.replace(host, "&#160;web1&#160;", 1), "utf-8")


def _main() -> None:
    with Lab() as lab:
        lab.populate(article())
        for load in (
            Load(seconds=120, rate=200, addresses=32, hold_s=0.2, port=8081),
            Load(seconds=120, rate=50, opener="server", closer="client", hold_s=0.2, port=9000),
        ):
            lab.start(load)
        lab.server.call(_page)
        lab.server.call(lambda: asyncio.run(_terminal()))


if __name__ == "__main__":
    _main()
