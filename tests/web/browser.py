"""A real browser, headless, in the namespace of a lab."""

import os
import shutil
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Page, expect, sync_playwright

from tests.kernel.private import unavailable

__all__ = ["browse"]

T = TypeVar("T")

# In a lab, root of the host's or of its own user namespace, Chromium's own sandbox cannot be set up.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")


def browse(port: int, visit: Callable[[Page], T], *, width: int = 1280, height: int = 900, dark: bool = False) -> T:
    """What the visit finds on the page; it fails on any error that the page's console tells."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        unavailable("chromium is not installed")
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=list(_ARGUMENTS),
            env={**os.environ, "HOME": "/tmp"},  # noqa: S108 - a profile of no user
        )
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("#live")).to_have_text("live")
        found = visit(page)
        browser.close()
    assert problems == []
    return found
