"""Fixtures of all tests, and what holds for all of them."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from lastack.errors import RefusedError
from lastack.lab import Lab
from tests.kernel.private import unavailable

# A machine that does something else for a while is no fault of what is tested.
settings.register_profile("lastack", deadline=None)
settings.load_profile("lastack")


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A lab with nothing in it."""
    try:
        opened = Lab()
    except RefusedError as error:
        unavailable(error.message)
    with opened:
        yield opened
