"""What goes through a pipe comes out as it was."""

import pytest

from lastack.errors import InputError, TruncatedError
from lastack.lab.outcome import open_outcome, outcome_of


def test_a_value() -> None:
    """Returned."""
    assert open_outcome(outcome_of(lambda: {"a": (1, 2)})) == {"a": (1, 2)}


def test_an_error_of_ours() -> None:
    """Raised with its class, slug and hint."""

    def fail() -> None:
        raise TruncatedError("cut-short", "message", "hint")

    with pytest.raises(InputError, match="message") as caught:
        open_outcome(outcome_of(fail))
    assert (type(caught.value), caught.value.slug, caught.value.hint) == (TruncatedError, "cut-short", "hint")


def test_an_error_of_others() -> None:
    """Raised with its arguments; where it happened is a note."""
    with pytest.raises(KeyError, match="nothing") as caught:
        open_outcome(outcome_of(lambda: {"something": 1}["nothing"]))
    assert "test_outcome.py" in caught.value.__notes__[0]
