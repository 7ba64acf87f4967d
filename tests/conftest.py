"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest

from lastack.errors import RefusedError
from lastack.lab import Lab
from tests.kernel.private import unavailable


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A lab with nothing in it."""
    try:
        opened = Lab()
    except RefusedError as error:
        unavailable(error.message)
    with opened:
        yield opened
