"""The entry point: runs the command, turns errors into text and an exit code. ``commands`` finds the command."""

import os
import sys

from lastack import __version__
from lastack.errors import LastackError

__all__ = ["main"]

_INTERRUPTED, _CLOSED_PIPE = 130, 141


def main(arguments: list[str] | None = None) -> None:
    """Run lastack and exit: 0 fine, 1 findings, 2 usage or input, 3 not allowed, 130 interrupted, 141 closed pipe."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except LastackError as error:
        sys.stderr.write(f"lastack: {error.message}\n" + (f"hint: {error.hint}\n" if error.hint else ""))
        code = error.exit_code
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _CLOSED_PIPE
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        sys.stdout.write(f"lastack {__version__}\n")
        return 0
    from lastack.cli.commands import dispatch  # noqa: PLC0415 - --version does without

    return dispatch(arguments)
