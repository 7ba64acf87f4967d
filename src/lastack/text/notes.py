"""What a reading has to say besides its rows: states that nobody knows, lines that it could not make sense of."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from lastack.errors import InputError
from lastack.model.census import SocketRow
from lastack.tcp.states import canonical

__all__ = ["NO_STATE", "Notes", "Numbered", "RowReader", "excerpt"]

Numbered = Iterable[tuple[int, str]]  # lines with their numbers

# What a socket is counted under whose source does not name its state.
NO_STATE = "UNKNOWN"

# Systems and translations differ in a few names; more than this is no list of sockets.
_UNKNOWN_STATES = 16
_STATE_CHARS = 24

# A prompt, a date, a remark on stderr: so many lines of another kind are no reason to refuse a file, nor is one in
# twenty.
_STRANGE_LINES = 20

_EXCERPT_CHARS = 60


class _States(dict[str, str]):
    """Spelling to state: the canonical name, or the spelling itself where nobody knows it."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: list[str] = []

    def __missing__(self, spelling: str) -> str:
        state = canonical(spelling)
        if state is None:
            if not _could_be_state(spelling) or len(self.unknown) == _UNKNOWN_STATES:
                raise ValueError(spelling)
            self.unknown.append(spelling)
            state = spelling
        self[spelling] = state
        return state


def _could_be_state(word: str) -> bool:
    return len(word) <= _STATE_CHARS and word.replace("-", "_").replace("\ufffd", "_").isidentifier()


class Notes:
    """Takes notes while rows are read; memory is bounded whatever the input.

    Args:
        name: the input's name in errors.

    Attributes:
        states: spelling to state. A name that nobody knows stands for itself, with one warning; what cannot be a
            state, or is one unknown name too many, is a ValueError.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.states = _States()
        self._outputs: Counter[str] = Counter()
        self._strange = 0
        self._first_strange = ""
        self._stateless = False
        self._said: list[str] = []

    def no_state(self) -> str:
        """The state of a socket whose row has none."""
        self._stateless = True
        return NO_STATE

    def begins(self, output: str) -> None:
        """Another output of this kind begins."""
        self._outputs[output] += 1

    def say(self, warning: str) -> None:
        """Add a warning."""
        self._said.append(warning)

    def strange(self, number: int, line: str, expected: str) -> None:
        """A line that is not understood.

        Raises:
            InputError: there are too many of them.
        """
        self._strange += 1
        where = f"line {number}: {excerpt(line)}"
        self._first_strange = self._first_strange or where
        if self._strange > _STRANGE_LINES and self._strange * 20 > number:
            raise InputError(
                "strange-lines",
                f"{self._name}: {self._strange} lines are not understood, the last one at {where}; expected {expected}",
            )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the numbers must know, a sentence each."""
        said = [f"state {name} is unknown; it is counted under that name" for name in self.states.unknown]
        if self._stateless:
            said.append(f"some sockets are listed without their state; they are counted as {NO_STATE}")
        if self._strange:
            lines = f"{self._strange} lines are" if self._strange > 1 else "1 line is"
            said.append(f"{lines} not understood, the first one at {self._first_strange}")
        if repeated := max(self._outputs.values(), default=1) - 1:
            said.append(f"{repeated + 1} outputs, one after another, are added up")
        return (*said, *self._said)


def excerpt(line: str) -> str:
    """The beginning of a line as an error shows it: quoted, ASCII."""
    text = line.strip()
    return ascii(text[:_EXCERPT_CHARS]) + ("..." if len(text) > _EXCERPT_CHARS else "")


# Yields the TCP sockets; raises InputError where too many lines are no rows.
RowReader = Callable[[Numbered, Notes], Iterator[SocketRow]]
