"""Fixtures of these tests."""

import pytest

from tests.lab.users import Run, root, run_as_nobody


@pytest.fixture(params=[root, run_as_nobody], ids=["root", "ordinary user"])
def run_as(request: pytest.FixtureRequest) -> Run:
    """What runs a function as root, and as an ordinary user."""
    run: Run = request.param
    return run
