"""What a line is judged against: a kernel, what is live on the host, and the other lines."""

from collections.abc import Mapping
from typing import NamedTuple

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.values import Bad, numbers, plain, ports
from lastack.settings.release import Release
from lastack.settings.sysctld.loading import Entry

__all__ = ["Listening", "Scene", "View"]

# Every machine's first namespace has it and no other has (net/core/sysctl_net_core.c).
_FIRST_NAMESPACE_ONLY = "net.core.netdev_max_backlog"


class Listening(NamedTuple):
    """A TCP port that is listened on.

    Attributes:
        port: its number.
        backlog: the accept queue's limit: what listen() asked for, cut to net.core.somaxconn at that time.
    """

    port: int
    backlog: int


class View(NamedTuple):
    """A host, or only its kernel's release.

    Attributes:
        release: its kernel.
        live: key to value as the kernel prints it, of those asked for that it has; None: nobody looked, the kernel's
            release must do.
        unreadable: keys that are there and may not be read.
        listeners: None: not known.
    """

    release: Release
    live: Mapping[str, str] | None = None
    unreadable: frozenset[str] = frozenset()
    listeners: tuple[Listening, ...] | None = None

    def has(self, key: str) -> bool | None:
        """Whether the kernel has that key now; None: nobody looked."""
        return None if self.live is None else key in self.live or key in self.unreadable

    @property
    def is_child_namespace(self) -> bool:
        """Whether this is seen from inside of a namespace that is not the machine's first."""
        return self.live is not None and _FIRST_NAMESPACE_ONLY not in self.live


class Scene:
    """All that one line's verdict may rest on besides the line itself.

    Args:
        view: the host.
        setters: for each key, the lines that are written to it, the winner last.
    """

    def __init__(self, view: View, setters: Mapping[str, list[Entry]]) -> None:
        self.view = view
        self.release = view.release
        self._setters = setters

    def value(self, key: str) -> str | None:
        """What a setting is once the files are loaded: by a line, else live, else by default. None: not known."""
        return self.origin(key)[0]

    def origin(self, key: str) -> tuple[str | None, str]:
        """The value, and where it comes from, as words that follow it."""
        row = SETTINGS[key]
        if self._setters.get(key):
            winner = self._setters[key][-1]
            return plain(row, winner.value), f"by {winner.where}"
        if self.view.live is not None and key in self.view.live:
            return plain(row, self.view.live[key]), "on this host now"
        return row.default_in(self.release), "by default"

    def live(self, key: str) -> str | None:
        """What it is on the host now; None: not known."""
        value = (self.view.live or {}).get(key)
        return None if value is None else plain(SETTINGS[key], value)

    def live_numbers(self, key: str) -> tuple[int, ...]:
        """Its numbers on the host now; none: not known."""
        return _numbers(key, self.live(key))

    def live_number(self, key: str) -> int | None:
        """Its first number on the host now; None: not known."""
        return next(iter(self.live_numbers(key)), None)

    def earlier(self, key: str) -> list[Entry]:
        """The lines that the winner overrides."""
        return self._setters.get(key, [])[:-1]

    def number(self, key: str) -> int | None:
        """The first number of a setting once the files are loaded; None: not known."""
        return next(iter(self.numbers(key)), None)

    def numbers(self, key: str) -> tuple[int, ...]:
        """Its numbers; none: not known."""
        return _numbers(key, self.value(key))

    def reserved(self) -> tuple[tuple[int, int], ...]:
        """The ranges of net.ipv4.ip_local_reserved_ports, both ends included."""
        found = ports(self.value("net.ipv4.ip_local_reserved_ports") or "")
        return () if isinstance(found, Bad) else found


def _numbers(key: str, value: str | None) -> tuple[int, ...]:
    found = Bad("") if value is None else numbers(value, SETTINGS[key].arity)
    return () if isinstance(found, Bad) else found
