"""Scenes for tests: skipped where this machine has no stage for them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docs.scenes import Runner, Scene, on_stage

from lastack.errors import RefusedError
from tests.kernel.private import unavailable

__all__ = ["staged"]

_NO_LAB = {"no-namespace", "no-pyroute2", "no-veth"}


@contextmanager
def staged(scene: Scene, folder: Path) -> Iterator[Runner]:
    """What runs a command line in that scene; skips the test where a tool or the right to make a lab is missing."""
    if missing := [tool for tool in scene.tools if shutil.which(tool) is None]:
        unavailable(f"{' and '.join(missing)} not installed")
    try:
        with on_stage(scene, folder) as run:
            yield run
    except RefusedError as error:
        if error.slug not in _NO_LAB:
            raise
        unavailable(error.message)
