"""Reading the sysctl files that a command line names."""

from collections.abc import Iterable

from lastack.cli.files import opened
from lastack.kernel.sysctl_files import Named, content_of

__all__ = ["read_named"]


def read_named(paths: Iterable[str]) -> list[Named]:
    """The files in the order in which they are named; ``-`` is standard input.

    Raises:
        InputError: ``cannot-read``, ``too-large``.
    """
    return [(path, _content(path)) for path in paths]


def _content(path: str) -> bytes:
    with opened(path) as (file, name):
        return content_of(file, name)
