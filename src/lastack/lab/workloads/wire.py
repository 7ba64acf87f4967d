"""What visitors, services and relays say to one another, and how they open sockets.

A request is ``REQUEST`` bytes, of which the first says whether it is the last of its connection; an answer is
``ANSWER`` bytes. An answer that begins with ``FAILED`` carries the name of the errno that a relay met upstream.
"""

import errno
import resource
import socket
from collections.abc import Sequence

__all__ = ["ANSWER", "FAILED", "KEEP", "LAST", "OK", "errno_name", "failure", "listen", "no_limit", "reason"]

KEEP = b"keep".ljust(16, b".")
LAST = b"last".ljust(16, b".")
OK = b"ok".ljust(128, b".")
ANSWER = len(OK)
FAILED = b"!"


def failure(name: str) -> bytes:
    """The answer that says why there is none."""
    return (FAILED + name.encode("ascii")).ljust(ANSWER, b".")


def reason(answer: bytes) -> str:
    """The name of the errno in a failed answer."""
    return answer.removeprefix(FAILED).rstrip(b".").decode("ascii", "replace")


def errno_name(error: OSError) -> str:
    """Such as ``ECONNRESET``."""
    number = error.errno or 0
    return errno.errorcode.get(number, str(number))


def listen(address: str, ports: Sequence[int], backlog: int) -> list[socket.socket]:
    """A listener that does not block on each of the ports."""
    listeners = []
    for port in ports:
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        listener.bind((address, port))
        listener.listen(backlog)
        listeners.append(listener)
    return listeners


def no_limit() -> None:
    """As many open files as this process may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
