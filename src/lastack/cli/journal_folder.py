"""Which journal a command reads and writes."""

import argparse

from lastack.tune.journal import default_folder

__all__ = ["add_state", "journal_folder"]


def add_state(parser: argparse.ArgumentParser) -> None:
    """``--state``, for ``journal_folder``."""
    parser.add_argument("--state", metavar="DIR", help=f"the folder of the journal ({default_folder()})")


def journal_folder(options: argparse.Namespace) -> str:
    """The folder that was asked for, or the user's own."""
    folder: str = options.state or default_folder()
    return folder
