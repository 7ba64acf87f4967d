"""A lab's namespace to change, and a journal beside it: lastack run there as a user runs it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lastack.lab import Lab
from lastack.tune.journal import Journal

__all__ = ["Done", "Scene", "open_scene"]

Done = subprocess.CompletedProcess[str]

_COMMAND = (sys.executable, "-m", "lastack")


class Scene:
    """A lab and a folder for plans and the journal."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.state = folder / "state"
        self._plans = 0

    def command(self, *arguments: str) -> list[str]:
        """The command line of lastack, with this journal where it takes one."""
        takes_state = arguments[0] in {"apply", "confirm", "rollback", "journal"}
        return [*_COMMAND, *arguments, *([f"--state={self.state}"] if takes_state else [])]

    def run(self, *arguments: str, stdin: str = "") -> Done:
        """Run it in the lab's server."""
        done: Done = self.lab.server.run(self.command(*arguments), input=stdin, capture_output=True, text=True)
        return done

    def plan(self, *wishes: str) -> str:
        """The path of a plan that ``lastack plan`` made of ``KEY=VALUE`` wishes."""
        self._plans += 1
        path = str(self.folder / f"plan{self._plans}.toml")
        done = self.run("plan", "-o", path, *(f"--set={wish}" for wish in wishes))
        assert done.returncode == 0, done.stderr
        return path

    def apply(self, *wishes: str, options: tuple[str, ...] = ()) -> Done:
        """Plan and apply, unasked."""
        return self.run("apply", self.plan(*wishes), "--yes", *options)

    def get(self, key: str) -> str:
        """A setting of the server."""
        return " ".join(self.lab.server.get(key).split())

    def changes(self) -> list[dict[str, Any]]:
        """What the journal says, oldest first."""
        done = self.run("journal", "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def state_of(self, number: int, boot_id: str | None) -> str:
        """What the journal's files say of a change."""
        with Journal(str(self.state)) as journal:
            return journal.change(number).state(boot_id)


@contextmanager
def open_scene(folder: Path) -> Iterator[Scene]:
    """A scene, for the length of the block."""
    with Lab() as lab:
        yield Scene(lab, folder)
