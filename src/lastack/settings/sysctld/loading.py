"""What is set once files are loaded: which line wins a key, and where procps and systemd-sysctl part.

procps writes every line in turn, so the last one that the kernel takes wins. systemd-sysctl keeps one line a key, the
last, and writes only that; ``-key`` after a line for that key takes the line away. To both, a pattern leaves out keys
that have a line of their own (procps 4.0 src/sysctl.c, systemd 252 src/sysctl/sysctl.c; the tests run both).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from lastack.settings.sysctld.grammar import Line

__all__ = ["Entry", "Loaded", "matches"]


class Entry(NamedTuple):
    """A line among the lines of some files.

    Attributes:
        at: its place among all of them, in the order of loading.
        file: the file that it stands in.
        line: the line.
        where: how messages name it.
    """

    at: int
    file: str
    line: Line
    where: str

    @property
    def value(self) -> str:
        """What it sets its key to."""
        return self.line.value


def matches(pattern: str, key: str) -> bool:
    """Whether a pattern stands for a key; a star does not reach over a separator (glob(7)).

    >>> matches("net.ipv4.tcp_keepalive_*", "net.ipv4.tcp_keepalive_time"), matches("net.*", "net.core.somaxconn")
    (True, False)
    """
    parts, names = pattern.split("."), key.split(".")
    return len(parts) == len(names) and all(map(fnmatchcase, names, parts))


class Loaded:
    """The lines of some files, loaded.

    Args:
        entries: lines that name a key, in the order in which they are loaded.
        refused: for each, whether the kernel refuses it.
        keys: keys that a pattern may stand for.
        takes: whether the kernel takes a value for a key, to be asked of keys that a pattern stands for.

    Attributes:
        setters: for each key the lines that set it, in the order in which they are written; the last one wins.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        refused: Sequence[bool],
        keys: Iterable[str],
        takes: Callable[[str, str], bool],
    ) -> None:
        self.setters: dict[str, list[Entry]] = {}
        self._last: dict[str, Entry] = {}
        self._excluded: dict[str, Entry] = {}
        patterns = []
        for entry, no in zip(entries, refused, strict=True):
            if entry.line.kind == "exclusion":
                self._excluded[entry.line.key] = entry
            elif entry.line.kind == "assignment":
                self._last[entry.line.key] = entry
                if entry.line.is_pattern:
                    patterns.append(entry)
                elif not no:
                    self._set(entry.line.key, entry)
        self._matched = {entry.at: tuple(self._expand(entry.line.key, keys)) for entry in patterns}
        for entry in patterns:
            for key in self._matched[entry.at]:
                if takes(key, entry.value):
                    self._set(key, entry)

    @property
    def has_patterns(self) -> bool:
        """Whether some line is one."""
        return bool(self._matched)

    def _set(self, key: str, entry: Entry) -> None:
        self.setters.setdefault(key, []).append(entry)

    def _expand(self, pattern: str, keys: Iterable[str]) -> Iterator[str]:
        start = pattern.partition("*")[0].partition("?")[0].partition("[")[0]
        for key in keys:
            if key.startswith(start) and matches(pattern, key) and not (key in self._last or key in self._excluded):
                yield key

    def wins(self, key: str, entry: Entry) -> bool:
        """Whether this line is the one that sets the key."""
        return key in self.setters and self.setters[key][-1].at == entry.at

    def _wins_some(self, entry: Entry) -> bool:
        return any(self.wins(key, entry) for key in self._matched.get(entry.at, (entry.line.key,)))

    def stands_for(self, entry: Entry) -> tuple[str, ...]:
        """The keys that a pattern sets."""
        return self._matched[entry.at]

    def disagreements(self, entry: Entry) -> Iterator[str]:
        """Where procps and systemd-sysctl part about what becomes of a line.

        To systemd-sysctl a pattern is a key like any other.
        """
        key = entry.line.key
        last, excluded = self._last.get(key), self._excluded.get(key)
        if last == entry and excluded and excluded.at > entry.at:
            yield f"systemd-sysctl drops it for the `-` of {excluded.where}, procps writes it"
        if last and last.at > entry.at and self._wins_some(entry):
            yield (
                f"systemd-sysctl tries only the last line for a key, which is {last.where} and is refused; procps "
                "keeps this one"
            )
