"""Everything that lastack raises on purpose.

LastackError                 never raised itself
├── UsageError               exit 2: the command line or its combination of options is wrong
├── InputError               exit 2: a file or stream is not what it was said to be; names the line or offset
│   └── TruncatedError       a message or file ends too early
└── RefusedError             exit 3: the kernel or a missing privilege forbids it; says which

Only ``lastack.cli.main.main`` turns one of these into text and an exit code. Each carries a slug, which is
its entry in ``docs/reference/errors.md``, and may carry a hint: what to do next.
"""

__all__ = ["InputError", "LastackError", "RefusedError", "TruncatedError", "UsageError"]


class LastackError(Exception):
    """An error with a slug, a message for people and, where there is one, a hint.

    Args:
        slug: the entry in ``docs/reference/errors.md``, such as ``no-such-namespace``.
        message: one sentence that names what went wrong and where.
        hint: what to do next.
    """

    exit_code = 1

    def __init__(self, slug: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message
        self.hint = hint


class UsageError(LastackError):
    """The command line asks for something that cannot be meant."""

    exit_code = 2


class InputError(LastackError):
    """A file or stream is not what it was said to be."""

    exit_code = 2


class TruncatedError(InputError):
    """A message or file ends in the middle of an item."""


class RefusedError(LastackError):
    """The kernel, or a privilege that is missing, does not allow it."""

    exit_code = 3
