"""Fixtures of these tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tune.scene import Scene, open_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A private namespace with the kernel's defaults, and an empty journal."""
    with open_scene(tmp_path) as opened:
        yield opened
