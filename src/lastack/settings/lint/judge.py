"""Judging the lines of sysctl files: each on its own, against the others, and against the host."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.alone import loaded
from lastack.settings.lint.scene import Scene, View
from lastack.settings.lint.together import judge_together
from lastack.settings.lint.verdict import FAILING, Judgement, Verdict
from lastack.settings.sysctld.grammar import parse
from lastack.settings.sysctld.loading import Entry

__all__ = ["Judged", "fails", "judge", "keys_of", "read_files"]

# Words that begin a sentence as they are.
_NAMES = frozenset(("connect()", "procps", "sysctl", "systemd", "systemd-sysctl"))


class Judged(NamedTuple):
    """One line's verdict.

    Attributes:
        file: as it was named.
        line: counts from 1.
        key: dotted; the empty string where none can be read.
        value: as it stands there, trimmed; the empty string where there is none.
        verdict: one of the eight.
        message: the reason, a sentence; another one where procps and systemd-sysctl disagree.
        better: a line to write instead, where there is one.
    """

    file: str
    line: int
    key: str
    value: str
    verdict: Verdict
    message: str
    better: str | None


def read_files(files: Sequence[tuple[str, bytes]]) -> list[Entry]:
    """The lines of files, given as (name, content) in the order in which they are loaded, without comments."""
    lines = [(name, line) for name, content in files for line in parse(content)]
    return [
        Entry(at, name, line, f"line {line.number}" + (f" of {name}" if len(files) > 1 else ""))
        for at, (name, line) in enumerate(lines)
        if line.kind not in {"blank", "comment"}
    ]


def keys_of(entries: Iterable[Entry]) -> set[str]:
    """The keys that a host must be asked for to judge these lines: theirs, and all that the catalogue has."""
    named = {entry.line.key for entry in entries if entry.line.kind == "assignment" and not entry.line.is_pattern}
    return named | SETTINGS.keys()


def fails(judged: Iterable[Judged]) -> bool:
    """Whether some line must not stay as it is: the exit code of lint."""
    return any(item.verdict in FAILING for item in judged)


def judge(entries: Sequence[Entry], view: View) -> list[Judged]:
    """A verdict for each line, in their order."""
    alone, result = loaded(entries, view)
    scene = Scene(view, result.setters)
    return [
        _judged(entry, judgement, _remarks(entry, judgement))
        if judgement
        else _judged(entry, judge_together(entry, result, scene), result.disagreements(entry))
        for entry, judgement in zip(entries, alone, strict=True)
    ]


def _judged(entry: Entry, judgement: Judgement, remarks: Iterable[str]) -> Judged:
    line = entry.line
    message = " ".join(map(_sentence, [judgement.message, *line.remarks, *remarks]))
    return Judged(entry.file, line.number, line.key, line.value, judgement.verdict, message, judgement.better)


def _remarks(entry: Entry, judgement: Judgement) -> Iterator[str]:
    if judgement.verdict == "removed" and not entry.line.tolerant:
        yield "sysctl -p fails at it and exits with 1, systemd-sysctl warns and goes on"
    if judgement.verdict in {"removed", "unknown"} and entry.line.tolerant:
        yield "the leading `-` spares systemd-sysctl the warning, and procps 4.0 exits with 1 all the same"


def _sentence(clause: str) -> str:
    """With a capital, unless it begins with a name, and a full stop.

    >>> _sentence("it is gone"), _sentence("net.core.somaxconn caps it")
    ('It is gone.', 'net.core.somaxconn caps it.')
    """
    first = clause.partition(" ")[0]
    named = "." in first or "_" in first or first in _NAMES
    return f"{clause if named else clause[:1].upper() + clause[1:]}."
