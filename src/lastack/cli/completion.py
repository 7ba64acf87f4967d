"""Print a completion script for your shell: eval "$(lastack completion bash)" in ~/.bashrc, zsh and tcsh likewise."""

import argparse
import sys

from lastack.cli.commands import whole

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack completion``."""
    parser.add_argument("shell", choices=["bash", "zsh", "tcsh"])


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab  # noqa: PLC0415 - configure() is called for every command's completion, run() is not

    sys.stdout.write(shtab.complete(whole(complete=True), shell=options.shell) + "\n")
    return 0
