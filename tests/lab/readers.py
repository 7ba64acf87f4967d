"""What a lab's kernel says, read by others than lastack: ``cat``, ``ss``, and the fields of proc_net_tcp(5)."""

import shutil
from collections import Counter
from typing import NamedTuple

from lastack.lab import Lab
from lastack.lab.namespace import Namespace
from tests.kernel.private import unavailable

__all__ = ["Row", "by_ss", "counter", "rows", "states"]

# include/net/tcp_states.h; /proc/net/tcp shows NEW_SYN_RECV as SYN_RECV.
_NAMES = (
    *("", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT"),
    *("CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"),
)
# ss has its own spelling.
_OF_SS = {"ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2"}


class Row(NamedTuple):
    """A line of /proc/net/tcp or tcp6.

    Attributes:
        family: 4 or 6.
        state: its name.
        local_port: of this side.
        remote_port: of the other.
        queue: of a listener, connections that wait for accept(); of a connection, bytes to be read.
        has_file: whether a process holds it: it has an inode.
    """

    family: int
    state: str
    local_port: int
    remote_port: int
    queue: int
    has_file: bool


def rows(namespace: Namespace) -> list[Row]:
    """Every socket, from /proc."""
    found = []
    for family, path in ((4, "/proc/net/tcp"), (6, "/proc/net/tcp6")):
        text = namespace.run(["cat", path], capture_output=True, text=True, check=True).stdout
        found += [_row(family, line.split()) for line in text.splitlines()[1:]]
    return found


def _row(family: int, fields: list[str]) -> Row:
    local, remote = (int(end.rpartition(":")[2], 16) for end in fields[1:3])
    queue = int(fields[4].partition(":")[2], 16)
    return Row(family, _NAMES[int(fields[3], 16)], local, remote, queue, fields[9] != "0")


def states(namespace: Namespace) -> Counter[tuple[int, str]]:
    """Sockets per family and state, from /proc."""
    return Counter((row.family, row.state) for row in rows(namespace))


def by_ss(lab: Lab) -> Counter[tuple[int, str]]:
    """Sockets of the server per family and state, from ss."""
    if shutil.which("ss") is None:
        unavailable("ss is not installed")
    found: Counter[tuple[int, str]] = Counter()
    for family in (4, 6):
        command = ["ss", "-tanH", f"-{family}"]
        lines = lab.server.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        found.update((family, _of_ss(line.split()[0])) for line in lines)
    return found


def _of_ss(name: str) -> str:
    return _OF_SS.get(name, name.replace("-", "_"))


def counter(namespace: Namespace, name: str) -> int:
    """A counter of /proc/net/netstat's TcpExt."""
    text = namespace.run(["cat", "/proc/net/netstat"], capture_output=True, text=True, check=True).stdout
    names, values = (line.split() for line in text.splitlines() if line.startswith("TcpExt:"))
    return int(dict(zip(names, values, strict=True))[name])
