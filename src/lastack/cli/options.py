"""Options that many commands share."""

import argparse
import os
import sys

__all__ = ["add_color", "add_json", "add_netns", "wants_color"]


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``, as ``options.json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_netns(parser: argparse.ArgumentParser) -> None:
    """``--netns``, as ``options.netns``."""
    parser.add_argument(
        "--netns",
        metavar="NAME|PID|PATH",
        help="look into this network namespace (as root, or inside your own user namespace)",
    )


def add_color(parser: argparse.ArgumentParser) -> None:
    """``--no-color``, for ``wants_color``."""
    parser.add_argument("--no-color", action="store_true", help="print without colours (so does NO_COLOR=1)")


def wants_color(options: argparse.Namespace) -> bool:
    """Whether to print colours: to a terminal, unless ``--no-color`` or NO_COLOR (no-color.org) says no."""
    return not options.no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()
