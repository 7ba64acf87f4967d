"""Lines of a sysctl file as the two programs read them that load such files: procps' sysctl and systemd-sysctl.

Sources: procps 4.0 src/sysctl.c, systemd 252 src/sysctl/sysctl.c, sysctl.conf(5), sysctl.d(5); both were run on what
the tests hold. They agree on: empty lines and lines that begin with ``#`` or ``;``; ``key = value`` split at the first
``=`` and trimmed; ``-key = value``, failures to be ignored; ``-key`` alone, left out of patterns; patterns of ``*``,
``?`` and ``[]`` that skip keys with a line of their own. The first dot or slash of a key decides what the separator
is; if it is a dot, dots and slashes change places. Neither knows comments after a value, continued lines or quotes.
Where they disagree about a line, it carries a remark.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from lastack.settings.sysctld.oddities import find_oddity, without_oddities

__all__ = ["Kind", "Line", "dotted", "parse", "unshelled"]

Kind = Literal["blank", "comment", "assignment", "exclusion", "malformed"]

# Both trim these. procps trims \v and \f as well, systemd does not: those are oddities.
_SPACE = " \t\r"
_PATTERN = re.compile(r"[*?\[]")
_SEPARATOR = re.compile(r"[./]")
_REPEATED = re.compile(r"(?<=[./])[./]+")
_SWAP = str.maketrans("./", "/.")
_COMMENT = re.compile(r"\s[#;]")
_PROC = re.compile(r"/*proc/sys/+")
# Lines of a shell script, pasted.
_COMMAND = re.compile(r"(?:sudo\s+)?sysctl\s+(?:-\S+\s+)*(?P<rest>\S.*)")
_ECHO = re.compile(r"""echo\s+["']?(?P<value>[^>"']+?)["']?\s*>>?\s*/proc/sys/(?P<path>[^\s=]+)""")
_SHELL = "it is a shell command"
_LONGEST = 256  # characters of a line that is looked at for such a repair
_NAME_AND_VALUE = re.compile(r"(?P<name>[\w/-]+[./][\w./-]+)\s*[:\s]\s*(?P<value>\S.*)")


class Line(NamedTuple):
    """One line of a file.

    Attributes:
        number: counts from 1.
        text: as it stands in the file, without its newline.
        kind: what it is.
        key: dotted, for an assignment or exclusion; for a malformed line what stands in its place.
        value: trimmed; the empty string for an exclusion.
        tolerant: a leading ``-``: failures to write it are ignored.
        problem: for a malformed line: what is wrong, a clause.
        repair: for a malformed line: how it should read, where that is plain.
        remarks: where the two programs disagree about this line, and other surprises, a clause each.
    """

    number: int
    text: str
    kind: Kind
    key: str = ""
    value: str = ""
    tolerant: bool = False
    problem: str = ""
    repair: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def is_pattern(self) -> bool:
        """Whether the key stands for every key that matches it."""
        return _PATTERN.search(self.key) is not None


def parse(content: bytes) -> Iterator[Line]:
    """The lines of a file, whatever its bytes are. A newline at its end begins no further line."""
    rows = content.decode("utf-8", "surrogateescape").split("\n")
    if rows[-1] == "":
        rows.pop()
    for number, row in enumerate(rows, start=1):
        yield _line(number, row)


def unshelled(content: bytes) -> bytes:
    """The lines with each shell command that sets a key turned into the line that it means.

    >>> unshelled(b"sudo sysctl -w net.ipv4.tcp_tw_reuse=1")
    b'net.ipv4.tcp_tw_reuse=1'
    """
    meant = (line.repair if line.problem == _SHELL and line.repair else line.text for line in parse(content))
    return "\n".join(meant).encode("utf-8", "surrogateescape")


def dotted(key: str) -> str:
    """A key with dots between its parts, whichever separator it is written with; a dot inside of a part is a slash.

    >>> dotted("net/ipv4/conf/eth0.100/forwarding"), dotted("/net.ipv4.conf.eth0/100.forwarding")
    ('net.ipv4.conf.eth0/100.forwarding', 'net.ipv4.conf.eth0/100.forwarding')
    """
    separator = _SEPARATOR.search(key.lstrip("/"))
    if separator and separator[0] == "/":
        key = key.translate(_SWAP)
        return _REPEATED.sub("", key).strip(".")
    return _REPEATED.sub("", key.lstrip("/")).strip(".")


def _line(number: int, text: str) -> Line:
    stripped = text.strip(_SPACE)
    if not stripped:
        return Line(number, text, "blank")
    if stripped[0] in "#;":
        return Line(number, text, "comment")
    if not (stripped.isascii() and stripped.isprintable()):
        problem = find_oddity(stripped, stripped.find("=") + 1 or len(stripped))
        if problem:
            return Line(number, text, "malformed", problem=problem, repair=without_oddities(stripped))
    left, equals, value = stripped.partition("=")
    shell = (_COMMAND.fullmatch(stripped) or _ECHO.fullmatch(stripped)) if len(stripped) <= _LONGEST else None
    if shell:
        return Line(number, text, "malformed", problem=_SHELL, repair=_from_shell(shell))
    if not equals and not stripped.startswith("-"):
        return Line(number, text, "malformed", problem="it has no `=`", repair=_with_equals(stripped))
    return _setting(number, text, left.rstrip(_SPACE), value.strip(_SPACE) if equals else None)


def _setting(number: int, text: str, left: str, value: str | None) -> Line:
    """``value`` is None for an exclusion."""
    tolerant = left.startswith("-")
    name = left[1:].lstrip(_SPACE) if tolerant else left
    problem, better = _problem(name)
    if problem:
        repair = None if better is None else f"{'-' * tolerant}{better}" + ("" if value is None else f" = {value}")
        return Line(number, text, "malformed", name, value or "", problem=problem, repair=repair)
    remarks = tuple(_remarks(left, name, value or ""))
    if value is None:
        return Line(number, text, "exclusion", dotted(name), remarks=remarks)
    return Line(number, text, "assignment", dotted(name), value, tolerant, remarks=remarks)


def _problem(name: str) -> tuple[str, str | None]:
    """What is wrong with the left side as it is written, and how it should read where that is plain."""
    if not name.strip("./"):
        return "it has no key before the `=`", None
    if name.startswith("-"):
        return "it begins with more than one `-`", name.lstrip("- \t")
    proc = _PROC.match(name)
    if proc:
        return "a key is a path below /proc/sys, without that", dotted(name[proc.end() :])
    if any(space in name for space in " \t"):
        return f"there is a space inside of the key {name!r}", None
    if "/../" in f"/{name.translate(_SWAP)}/" or "/../" in f"/{name}/":
        return "its path climbs by `..`", None
    return "", None


def _remarks(left: str, name: str, value: str) -> Iterator[str]:
    if left.startswith("-") and not left[1:].startswith(name):
        yield "systemd skips the space after `-`, procps takes it for a part of the key and finds no such file"
    if _REPEATED.search(name.rstrip("./")):
        yield "procps warns of the repeated separator, systemd does not mind it"
    if name.endswith((".", "/")):
        yield "systemd drops the separator at the key's end, procps looks for a folder and fails"
    if _COMMENT.search(value):
        yield "neither program knows comments behind a value: the kernel gets it whole, and reads up to the space"


def _from_shell(match: "re.Match[str]") -> str:
    groups = match.groupdict()
    return groups["rest"] if "rest" in groups else f"{dotted(groups['path'])} = {groups['value']}"


def _with_equals(text: str) -> str | None:
    match = _NAME_AND_VALUE.fullmatch(text) if len(text) <= _LONGEST else None
    return f"{match['name']} = {match['value']}" if match else None
