"""The namespace that a change was made in: what tells it from every other, and the way back to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lastack.errors import LastackError, RefusedError
from lastack.kernel.namespace_list import find_namespaces
from lastack.kernel.namespaces import current, enter, locate
from lastack.tune.record import Place

__all__ = ["here", "is_here", "return_to"]

_SO_NETNS_COOKIE = 71  # include/uapi/asm-generic/socket.h, since Linux 5.14


def here(target: str | None = None) -> Place:
    """The calling thread's namespace, which was asked for by ``target``.

    Raises:
        RefusedError: ``unreadable-file``.
    """
    return Place(netns=current(), cookie=_cookie(), target=target)


def is_here(place: Place) -> bool:
    """Whether the calling thread is in that namespace."""
    return place.netns == current() and place.cookie == _cookie()


@contextmanager
def return_to(place: Place) -> Iterator[None]:
    """Move the calling thread into the namespace for the length of a ``with`` block.

    Raises:
        RefusedError: ``namespace-gone``: it cannot be found any more; ``namespace-forbidden``: it is there, and may not
            be entered.
    """
    if is_here(place):
        yield
        return
    with enter(_path(place)):
        yield


def _path(place: Place) -> str:
    """A file to enter it by."""
    listed = find_namespaces()
    refusal: LastackError | None = None
    for path in [*_by_its_old_name(place), *(namespace.path for namespace in listed.found)]:
        try:
            if _inode(path) == place.netns:
                with enter(path):
                    if is_here(place):
                        return path
        except RefusedError as error:
            refusal = error
    if refusal:
        raise refusal
    hint = "another user's processes may hold it: try as root" if listed.hidden else ""
    raise RefusedError("namespace-gone", f"the namespace {place.netns} is gone, and its settings with it", hint)


def _by_its_old_name(place: Place) -> list[str]:
    with suppress(RefusedError):
        return [locate(place.target)] if place.target else []
    return []


def _inode(path: str) -> str:
    with suppress(OSError):
        return f"net:[{Path(path).stat().st_ino}]"
    return ""


def _cookie() -> int | None:
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return int.from_bytes(probe.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8), "little")
    return None
