"""Tracepoints: where tracefs is, which tracepoints this kernel has, and what their records look like.

A record's layout is the kernel's own ``format`` file: fields are found by name, so kernels that add, move or drop some
are read alike. Source: Documentation/trace/events.rst.
"""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.mounts import read_mounts
from lastack.kernel.procfile import malformed, read_file

__all__ = ["Field", "Tracepoint", "find_tracefs", "read_tracepoint"]

_FIELD = re.compile(r"\s*field:(?P<declaration>[^;]+);\s*offset:(\d+);\s*size:(\d+);\s*signed:([01]);")
_NAME = re.compile(r"(\w+)(?:\[\w*\])?$")
_SYMBOLS = r"__print_symbolic\(REC->{field}, (.*?\}})\)"
_SYMBOL = re.compile(r'\{ (\d+), "(\w+)" \}')
_MOUNT = "as root: mount -t tracefs nodev /sys/kernel/tracing"


class Field(NamedTuple):
    """Where a value lies in a record, in bytes."""

    offset: int
    size: int
    signed: bool


class Tracepoint(NamedTuple):
    """A tracepoint of this kernel.

    Attributes:
        name: ``tcp/tcp_send_reset``, say.
        number: what perf_event_open(2) knows it by.
        fields: by name.
        symbols: for a field whose numbers the kernel prints as words: the words.
    """

    name: str
    number: int
    fields: Mapping[str, Field]
    symbols: Mapping[str, Mapping[int, str]]


def find_tracefs(proc_root: str = "/proc") -> str:
    """The folder where tracefs is mounted.

    Raises:
        RefusedError: ``no-tracefs``, ``tracefs-forbidden``.
    """
    points = [mount.point for mount in read_mounts(proc_root) if mount.kind == "tracefs"]
    for point in points:
        if os.access(f"{point}/events", os.R_OK | os.X_OK):
            return point
    if points:
        raise RefusedError(
            "tracefs-forbidden",
            f"the tracepoints below {points[0]} are not yours to read",
            "run as root; `lastack trace --ends` shows connections as they end, and takes no privilege",
        )
    raise RefusedError("no-tracefs", "tracefs, where the kernel describes its tracepoints, is not mounted", _MOUNT)


def read_tracepoint(name: str, tracefs: str) -> Tracepoint | None:
    """What the kernel says of a tracepoint; None where it has no such one.

    Args:
        name: ``GROUP/NAME``.
        tracefs: the folder where it is mounted.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    path = f"{tracefs}/events/{name}/format"
    content = read_file(path)
    if content is None:
        return None
    number = 0
    fields: dict[str, Field] = {}
    symbols: dict[str, dict[int, str]] = {}
    for place, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        if line.startswith("ID:"):
            number = int(line[3:])
        elif "field:" in line:
            key, field = _field(path, place, line)
            fields[key] = field
        elif line.startswith("print fmt:"):
            symbols = {key: found for key in fields if (found := _symbols(line, key))}
    if not number:
        raise malformed(path, 1, "", "a line that begins with ID:")
    return Tracepoint(name, number, fields, symbols)


def _field(path: str, place: int, line: str) -> tuple[str, Field]:
    found = _FIELD.match(line)
    name = _NAME.search(found["declaration"]) if found else None
    if not found or not name:
        raise malformed(path, place, line, "field:TYPE NAME; offset:N; size:N; signed:N;")
    return name[1], Field(int(found[2]), int(found[3]), found[4] == "1")


def _symbols(line: str, field: str) -> dict[int, str]:
    table = re.search(_SYMBOLS.format(field=field), line)
    return {int(number): word for number, word in _SYMBOL.findall(table[1])} if table else {}
