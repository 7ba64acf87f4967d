"""The sessions of the documentation: real commands with the output that they really had.

A fenced block of language ``console`` is a session. The comment above it names its scene, a row of ``docs.scenes``:

    <!-- scene: article -->
    ```console
    $ lastack census --counts
    26,568 TCP sockets ...
    ```

A line that begins with ``$`` is a command, for ``sh``; lines that begin with ``>`` continue it. A session has an empty
folder and a host of its own. ``tests/docs/test_sessions.py`` runs each and compares. ``python -m docs.sessions`` runs
those of all pages, or of the files named, and writes down what came out wherever more than ``VOLATILE`` differs.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

from docs.scenes import SCENES, Runner, on_stage

__all__ = ["ROOT", "Session", "Step", "differences", "documents", "perform", "sessions", "updated"]

ROOT = Path(__file__).parents[1]

_BLOCK = re.compile(r"(?:^<!-- scene: (?P<scene>.+?) -->\n)?^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)

# What no two runs share, and what stands for it when they are compared.
VOLATILE = tuple(
    (re.compile(pattern, re.MULTILINE), stand_in)
    for pattern, stand_in in (
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"^\S+(?=  Linux \S)", "HOST"),
        (r"Linux \d\S*", "Linux RELEASE"),
        (r'("(?:host|kernel|boot_id)": ?)"[^"]*"', r'\1"..."'),
        (r'^((?:host|kernel|boot_id) = )".*"', r'\1"..."'),
        (r'("(?:uptime_s|interval_s)": ?)[\d.]+', r"\1N"),
        (r"net:\[\d+\]", "net:[INODE]"),
        (r"(?:lastack-lab|python[\d.]*)/\d+", "NAME/PID"),
        (r"[\d,.]+/s\b", "N/s"),
        (r'(_per_s"?:? )[\d,.]+', r"\1N"),
        (r"((?:silent_for_\d+_s|oldest_s_at_least) )[\d,]+", r"\1N"),
        (r'("closes_per_second": ?)\[[\d,\s]*\]', r"\1[...]"),
        (r"[ ▁▂▃▄▅▆▇█]*[▁▂▃▄▅▆▇█][ ▁▂▃▄▅▆▇█]*(\| now)?$", ""),
    )
)


class Step(NamedTuple):
    """A command and what it prints on stdout and stderr together."""

    command: str
    output: str


class Session(NamedTuple):
    """A block of commands.

    Attributes:
        document: the file.
        line: where the block begins.
        scene: a key of ``SCENES``; None where the document does not say.
        steps: the commands, with the output that the document shows.
    """

    document: Path
    line: int
    scene: str | None
    steps: tuple[Step, ...]


def documents() -> list[Path]:
    """Every page of the project."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def sessions(document: Path) -> list[Session]:
    """The sessions of a document, in order."""
    text = document.read_text("utf-8")
    return [
        Session(document, text.count("\n", 0, found.start()) + 1, found["scene"], tuple(_steps(found["body"])))
        for found in _BLOCK.finditer(text)
    ]


def _steps(body: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        head, *lines = part.splitlines(keepends=True)
        more = next((at for at, line in enumerate(lines) if not line.startswith("> ")), len(lines))
        command = head + "".join(line.removeprefix("> ") for line in lines[:more])
        yield Step(command.rstrip("\n"), "".join(lines[more:]))


def perform(session: Session, run: Runner) -> list[Step]:
    """The same commands with the output that they have now."""
    return [Step(step.command, _presentable(run(step.command))) for step in session.steps]


def _presentable(output: str) -> str:
    """The output as if the host's name were web1 and its kernel of no vendor's make."""
    name, release = os.uname().nodename, os.uname().release
    found = rf'(^|"|lastack for ){re.escape(name)}(?="|  Linux |, made )'
    output = re.sub(found, r"\1web1", output, flags=re.MULTILINE)
    return output.replace(release, release.partition("-")[0])


def differences(shown: tuple[Step, ...], seen: list[Step]) -> str:
    """How the two differ, as a unified diff; empty where only ``VOLATILE`` and line breaks do."""
    if [_comparable(step.output) for step in shown] == [_comparable(step.output) for step in seen]:
        return ""
    return "\n".join(
        unified_diff(_written(shown).splitlines(), _written(seen).splitlines(), "shown", "seen", lineterm="")
    )


def _comparable(output: str) -> list[str]:
    for pattern, stand_in in VOLATILE:
        output = pattern.sub(stand_in, output)
    return output.split()


def _written(steps: tuple[Step, ...] | list[Step]) -> str:
    return "".join(f"$ {step.command.replace(chr(10), f'{chr(10)}> ')}\n{step.output}" for step in steps)


def updated(document: Path) -> str:
    """The document with every output as it is now."""
    text = document.read_text("utf-8")
    for session in sessions(document):
        with tempfile.TemporaryDirectory() as folder, on_stage(SCENES[session.scene or ""], Path(folder)) as run:
            seen = perform(session, run)
        if differences(session.steps, seen):
            text = text.replace(f"```console\n{_written(session.steps)}```", f"```console\n{_written(seen)}```", 1)
    return text


def _main(names: list[str]) -> None:
    for document in map(Path.resolve, map(Path, names)) if names else documents():
        text = updated(document)
        if text != document.read_text("utf-8"):
            document.write_text(text, "utf-8")
            sys.stdout.write(f"{document.relative_to(ROOT)}\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
