"""Kernel releases: what ``uname -r`` prints, and which of two came first.

Releases explain, and they judge a file for another host. What this host has is asked of its kernel, for distribution
kernels carry changes of later releases under an earlier number.
"""

import re
from typing import NamedTuple

from lastack.errors import InputError

__all__ = ["Release", "parse_release", "since"]

_RELEASE = re.compile(r"v?([2-9]|[1-9][0-9])\.([0-9]{1,3})(?:\.([0-9]{1,3}))?(?=$|[^0-9.]|\.[^0-9])")


class Release(NamedTuple):
    """A kernel release.

    Attributes:
        text: as it was given, such as ``5.15.0-91-generic``.
        number: what is compared: (5, 15), and for the 2.6 series (2, 6, 32), whose third number was the release.
    """

    text: str
    number: tuple[int, ...]


def parse_release(text: str) -> Release:
    """The release that ``uname -r`` prints so.

    Raises:
        InputError: ``bad-kernel-release``.

    >>> parse_release("5.15.0-91-generic").number, parse_release("2.6.32-754.el6").number
    ((5, 15), (2, 6, 32))
    """
    match = _RELEASE.match(text)
    if match is None:
        raise InputError(
            "bad-kernel-release",
            f"{text!r} is no kernel release",
            "give it as `uname -r` prints it: 5.4, 6.18.1 or 5.15.0-91-generic",
        )
    major, minor, third = int(match[1]), int(match[2]), int(match[3] or 0)
    return Release(text, (major, minor, third) if major == 2 else (major, minor))


def since(release: Release, first: str) -> bool:
    """Whether the release is ``first`` or a later one; every release is later than the empty string.

    >>> since(parse_release("5.4.0-1-generic"), "5.4"), since(parse_release("4.19"), "5.4")
    (True, False)
    """
    return not first or release.number >= parse_release(first).number
