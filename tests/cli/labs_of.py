"""The labs that a command opens one after another, watched from outside."""

import os
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["living", "read_until", "started", "wait_for_labs"]

_PATIENCE_S = 60


def started(*arguments: str, stderr: int = subprocess.PIPE) -> "subprocess.Popen[str]":
    """The command in a session of its own, its output in pipes; stderr where it is told."""
    command = [sys.executable, "-m", "lastack", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, start_new_session=True)


def read_until(terminal: int, words: bytes | None) -> bytes:
    """What a program shows on its terminal, up to words, or to its end."""
    shown = b""
    try:
        while (words is None or words not in shown) and (chunk := os.read(terminal, 1000)):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    return shown


def wait_for_labs(process: "subprocess.Popen[str]", count: int) -> None:
    """Wait until it has opened or closed so many network namespaces, or has ended."""
    deadline = time.monotonic() + _PATIENCE_S
    before: set[str] = set()
    seen = 0
    while seen < count and process.poll() is None and time.monotonic() < deadline:
        now = _namespaces(process.pid)
        seen += len(now ^ before)
        before = now


def living(session: int, patience_s: float = 10) -> list[int]:
    """Processes of a session, but its leader, that are still there when patience ends; none as soon as none is."""
    deadline = time.monotonic() + patience_s
    while (found := _members(session)) and time.monotonic() < deadline:
        pass
    return found


def _members(session: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, own, *_ = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(own) == session and int(folder.name) != session and state != "Z":
            found.append(int(folder.name))
    return found


def _namespaces(session: int) -> set[str]:
    found = set()
    for pid in (session, *_members(session)):
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/net"))  # noqa: PTH115 - a link to no path
        except OSError:
            continue
    return found
