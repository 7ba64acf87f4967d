"""What a reading says besides its rows."""

import pytest

from lastack.errors import InputError
from lastack.text.notes import Notes, excerpt


def test_states_by_any_spelling() -> None:
    """Every tool's word for a state leads to the same name."""
    states = Notes("saved").states
    assert {states[word] for word in ("FIN_WAIT2", "FIN-WAIT-2", "FIN_WAIT_2")} == {"FIN_WAIT2"}
    assert [states[word] for word in ("LISTENING", "SYN_RCVD", "CLOSED")] == ["LISTEN", "SYN_RECV", "CLOSE"]


def test_an_unknown_state_is_said_once() -> None:
    """It keeps its name, and there is one warning however often it comes."""
    notes = Notes("saved")
    assert [notes.states["HERGESTELLT"] for _ in range(3)] == ["HERGESTELLT"] * 3
    assert notes.warnings == ("state HERGESTELLT is unknown; it is counted under that name",)


@pytest.mark.parametrize("word", ["", "123/sshd", "192.168.0.1:80", "0", "x" * 25, "a b"])
def test_what_cannot_be_a_state(word: str) -> None:
    """A word of another column is no state."""
    with pytest.raises(ValueError, match=r"^"):
        Notes("saved").states[word]


def test_unknown_states_are_bounded() -> None:
    """Junk cannot fill the memory with names: after a few, further ones are refused."""
    notes = Notes("saved")
    accepted = 0
    for number in range(1000):
        try:
            accepted += bool(notes.states[f"JUNK_{number}"])
        except ValueError:
            continue
    assert accepted == len(notes.warnings) == 16


def test_few_strange_lines_are_a_warning() -> None:
    """It tells how many, and shows the first."""
    notes = Notes("saved")
    notes.strange(7, "$ exit\n", "a row")
    notes.strange(9, "other", "a row")
    assert notes.warnings == ("2 lines are not understood, the first one at line 7: '$ exit'",)


def test_many_strange_lines_are_an_error() -> None:
    """It names the file, the line, what was found and what was expected."""
    notes = Notes("saved")
    for number in range(1, 21):
        notes.strange(number, "junk", "a row")
    with pytest.raises(InputError, match=r"^saved: 21 lines .* at line 21: 'junk'; expected a row$") as error:
        notes.strange(21, "junk", "a row")
    assert error.value.slug == "strange-lines"


def test_many_strange_lines_among_very_many() -> None:
    """One in twenty is bearable: a large file is not refused for what a few processes are called."""
    notes = Notes("saved")
    for number in range(1, 2000):
        notes.strange(number * 20, "junk", "a row")
    assert notes.warnings[0].startswith("1999 lines are not understood")


def test_excerpts_are_short_and_printable() -> None:
    """Whatever a line holds, a message can show it."""
    assert excerpt("\x1b[31m\ud800 " + "x" * 100) == "'\\x1b[31m\\ud800 " + "x" * 53 + "'..."
