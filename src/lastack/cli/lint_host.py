"""What lint asks of the host that it runs on: the kernel, live values, who listens."""

import os
from collections.abc import Collection, Iterable

from lastack.errors import RefusedError
from lastack.kernel.sysctl import read_settings
from lastack.settings.lint.scene import Listening, View
from lastack.settings.release import parse_release

__all__ = ["view_of_host"]

# Keys whose verdict depends on who listens.
_ABOUT_LISTENERS = frozenset(("net.core.somaxconn", "net.ipv4.ip_local_port_range"))
# To read it is to do something (mm/vmstat.c); sysctl(8) never reads it either.
_NEVER_READ = "vm.stat_refresh"
_LONGEST_NAME = 255  # NAME_MAX
_LISTEN = 10  # include/net/tcp_states.h


def view_of_host(keys: Iterable[str], named: Collection[str]) -> View:
    """This host, seen from the namespace that the calling thread is in.

    Args:
        keys: the keys to read.
        named: the keys that lines name. Who listens is only asked where that matters to one of them.
    """
    live, unreadable = read_settings(filter(_is_readable, keys))
    listeners = None if _ABOUT_LISTENERS.isdisjoint(named) else _listeners()
    return View(parse_release(os.uname().release), live, frozenset(unreadable), listeners)


def _is_readable(key: str) -> bool:
    """Whether a key can name a file; those of VLAN interfaces, with a slash inside of a part, are passed over."""
    return key != _NEVER_READ and all(
        part and not {"/", "\0"} & set(part) and len(part) <= _LONGEST_NAME for part in key.split(".")
    )


def _listeners() -> tuple[Listening, ...] | None:
    """The ports that are listened on; None where the kernel does not tell."""
    from lastack.kernel.sock_diag import survey  # noqa: PLC0415 - few files need it
    from lastack.kernel.stretch import ROW, Stretch  # noqa: PLC0415 - as above

    class Sink:
        """Collects (port, backlog), which a listener's row has in place of its send queue."""

        def __init__(self) -> None:
            self.listening: set[Listening] = set()

        def add(self, stretch: Stretch) -> None:
            for at in range(stretch.messages):
                row = ROW.unpack_from(stretch.rows, at * stretch.stride)
                self.listening.add(Listening(int.from_bytes(row[4], "big"), row[12]))

    try:
        sink, _ = survey(Sink, 1 << _LISTEN)
    except RefusedError:
        return None
    return tuple(sorted(sink.listening))
