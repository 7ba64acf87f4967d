"""Saved lists of sockets: told apart by themselves, read row by row.

The first line that is a header or a row of one of the formats decides. Before it may stand blank lines and a few
others: a prompt with the command, a title, a remark on stderr.
"""

from collections.abc import Iterator
from itertools import chain, islice

from lastack.errors import InputError
from lastack.model.census import SocketRow
from lastack.text import netstat, procnet, ss
from lastack.text.lines import BLOCK_BYTES, Source, lines
from lastack.text.notes import Notes, excerpt

__all__ = ["Reading", "Snapshot", "read"]

_FORMATS = {"proc": procnet.reader, "ss": ss.reader, "netstat": netstat.reader}

_EXPECTED = "the output of netstat or ss, /proc/net/tcp, or a snapshot"
_LINES_BEFORE = 50

# A snapshot folds sockets into cohorts; the largest are a few MB.
_SNAPSHOT_BYTES = 1 << 26


class Reading:
    """The rows of a saved list of sockets; can be iterated over once.

    Attributes:
        kind: ``netstat``, ``ss`` or ``proc``.
    """

    def __init__(self, kind: str, rows: Iterator[SocketRow], notes: Notes) -> None:
        self.kind = kind
        self._rows = rows
        self._notes = notes

    def __iter__(self) -> Iterator[SocketRow]:
        """Each TCP socket. Raises InputError where too many lines are no rows."""
        return self._rows

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the numbers must know, a sentence each; complete once the rows are read."""
        return self._notes.warnings


class Snapshot:
    """What is no text but a JSON object: one that ``lastack snapshot`` wrote, unless its decoder says otherwise."""

    def __init__(self, head: bytes, source: Source, name: str) -> None:
        self._head = head
        self._source = source
        self._name = name

    def content(self) -> bytes:
        """The whole file; can be asked for once. Raises InputError where it is far too large for a snapshot."""
        parts, size = [self._head], len(self._head)
        while block := self._source.read(BLOCK_BYTES):
            size += len(block)
            if size > _SNAPSHOT_BYTES:
                raise InputError(
                    "snapshot-too-large", f"{self._name}: a snapshot has no more than {_SNAPSHOT_BYTES} bytes"
                )
            parts.append(block)
        return b"".join(parts)


def read(source: Source, *, name: str) -> Reading | Snapshot:
    """Tell what a file is, and read it.

    Args:
        source: the file or pipe. Memory stays bounded however long it is.
        name: its name in errors.

    Raises:
        InputError: it is no list of sockets, or empty.
    """
    head = source.read(BLOCK_BYTES)
    if head.lstrip().startswith(b"{"):
        return Snapshot(head, source, name)
    notes = Notes(name)
    numbered = enumerate(lines(head, source, name=name), 1)
    found = ""
    for number, line in islice(numbered, _LINES_BEFORE):
        for kind, reader in _FORMATS.items():
            if rows := reader(line):
                return Reading(kind, rows(chain([(number, line)], numbered), notes), notes)
        if line.strip():
            found = found or f"line {number}: expected {_EXPECTED}, found {excerpt(line)}"
    raise InputError("not-a-census", f"{name}: {found or f'is empty; expected {_EXPECTED}'}")
