"""Asking the person at the terminal."""

import sys

from lastack.errors import UsageError

__all__ = ["agreed", "on_terminal"]


def on_terminal() -> bool:
    """Whether somebody can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def agreed(question: str) -> bool:
    """Ask, and take nothing but a clear yes for one.

    Raises:
        UsageError: ``needs-yes``: nobody can answer.
    """
    if not on_terminal():
        raise UsageError("needs-yes", "nobody is there to say yes: standard input is no terminal", "add --yes")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
