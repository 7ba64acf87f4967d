"""A real browser, headless, in the namespace of a lab."""

import os
import shutil
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from tests.kernel.private import unavailable

__all__ = ["browse"]

T = TypeVar("T")

# In a lab, root of the host's or of its own user namespace, Chromium's own sandbox cannot be set up.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")


def browse(port: int, visit: Callable[[Page], T], *, width: int = 1280, height: int = 900, dark: bool = False) -> T:
    """What the visit finds; it fails on any error in the console, and where anything comes from elsewhere."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        unavailable("chromium is not installed")
    problems: list[str] = []
    here = f"http://127.0.0.1:{port}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=list(_ARGUMENTS),
            env={**os.environ, "HOME": "/tmp"},  # noqa: S108 - no user's profile
        )
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
        page.on("console", lambda message: problems.append(message.text) if _is_problem(message) else None)
        page.on("request", lambda request: None if request.url.startswith(here) else problems.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(here)
        expect(page.locator("#live")).to_have_text("live")
        found = visit(page)
        browser.close()
    assert problems == []
    return found


def _is_problem(message: ConsoleMessage) -> bool:
    """Whatever is an error, but for what the server refused with a reason that the page shows."""
    return message.type == "error" and "status of 400" not in message.text
