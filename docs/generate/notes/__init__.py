"""What is known of each error: a module an area, found by itself, with one row a slug in its ``NOTES``."""

from typing import NamedTuple

__all__ = ["Note"]


class Note(NamedTuple):
    """One error, for people; Markdown.

    Attributes:
        cause: when it comes.
        remedy: what to do.
    """

    cause: str
    remedy: str
