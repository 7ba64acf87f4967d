"""Whether the machine has time."""

from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.lab.experiment.machine import busy_share, busy_warning

_BEFORE = "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\n"


def test_the_share_is_what_was_not_idle() -> None:
    """30 of 100 ticks; waiting for a disk is idle."""
    assert busy_share(_BEFORE, "cpu  120 0 110 860 10 0 0 0 0 0\n") == pytest.approx(0.3)
    assert busy_share(_BEFORE, _BEFORE) == 0.0


def test_guest_time_is_not_counted_twice() -> None:
    """It is part of user time."""
    assert busy_share(_BEFORE, "cpu  200 0 100 900 0 0 0 0 100 0\n") == pytest.approx(0.5)


@pytest.mark.parametrize("text", ["", "intr 1 2", "cpu a b"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    """With what was expected."""
    with pytest.raises(InputError, match="expected `cpu` and numbers"):
        busy_share(text, text)


def test_a_machine_that_does_nothing_is_no_warning(tmp_path: Path) -> None:
    """Its file says the same twice."""
    file = tmp_path / "stat"
    file.write_text(_BEFORE)
    assert busy_warning(file) == []
