"""The kernel's older list of TCP sockets: /proc/net/tcp and tcp6, for where sock_diag is not to be had."""

import sys
from collections.abc import Iterator

from lastack.kernel.namespaces import net_root
from lastack.kernel.procfile import refused
from lastack.model.census import SocketRow
from lastack.text.notes import Notes
from lastack.text.procnet import entries

__all__ = ["read_rows"]


def read_rows(proc_root: str, warnings: list[str]) -> Iterator[tuple[SocketRow, int]]:
    """The sockets of the calling thread's namespace, each with its inode; 0: no process holds it.

    The files are read as they are printed: between two reads sockets come and go, so on a busy host one may be missed
    or seen twice.

    Args:
        proc_root: where /proc is.
        warnings: takes what a reader of the numbers must know, such as a state that nobody knows.

    Raises:
        InputError: a file is not what the kernel writes.
        RefusedError: ``unreadable-file``.
    """
    for table in ("tcp", "tcp6"):
        path = f"{net_root(proc_root)}/{table}"
        notes = Notes(path)
        try:
            with open(path, encoding="ascii") as lines:
                yield from entries(enumerate(lines, start=1), notes, sys.byteorder)
        except FileNotFoundError:  # no IPv6
            continue
        except OSError as error:
            raise refused(path, error) from None
        warnings += [f"{path}: {warning}" for warning in notes.warnings]
