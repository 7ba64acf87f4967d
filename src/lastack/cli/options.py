"""Options that many commands share."""

import argparse
import os
import re
import sys

__all__ = [
    "add_at",
    "add_between",
    "add_color",
    "add_json",
    "add_netns",
    "add_store",
    "default_store",
    "wants_color",
]


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


def default_store() -> str:
    """Where recordings are: root's where the systemd unit puts them, everybody else's below their home."""
    if os.geteuid() == 0:
        return "/var/lib/lastack-recorder/store.db"
    state = os.environ.get("XDG_STATE_HOME") or f"{os.environ.get('HOME', '')}/.local/state"
    return f"{state}/lastack-recorder/store.db"


def add_store(parser: argparse.ArgumentParser) -> None:
    """``--store``, as ``options.store``."""
    what = "what `lastack record` writes (root: /var/lib/lastack-recorder/store.db; others: below ~/.local/state)"
    parser.add_argument("--store", metavar="FILE", default=default_store(), help=what)


def add_at(parser: argparse.ArgumentParser) -> None:
    """``--at``, as ``options.at``."""
    _accept_negative_times(parser)
    parser.add_argument("--at", metavar="TIME", help="look into the store: 14:05, -10m, 2026-03-01T14:05:00Z")


def add_between(parser: argparse.ArgumentParser) -> None:
    """``--between``, as ``options.between``."""
    _accept_negative_times(parser)
    parser.add_argument("--between", metavar=("A", "B"), nargs=2, help="from one time in the store to another")


def _accept_negative_times(parser: argparse.ArgumentParser) -> None:
    """Let ``-10m`` be a value and no option."""
    parser._negative_number_matcher = re.compile(r"-\d")  # noqa: SLF001 - it has no public name


def add_color(parser: argparse.ArgumentParser) -> None:
    """``--no-color``, for ``wants_color``."""
    parser.add_argument("--no-color", action="store_true", help="print without colours (so does NO_COLOR=1)")


def wants_color(options: argparse.Namespace) -> bool:
    """Whether to print colours: to a terminal, unless ``--no-color`` or NO_COLOR (no-color.org) says no."""
    return not options.no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()
