"""Options of commands that ask Prometheus, and the server that they name."""

import argparse
import re
from typing import TYPE_CHECKING

from lastack.cli.duration import days
from lastack.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from lastack.fleet.prometheus import Prometheus

__all__ = ["add_prometheus", "matchers", "server"]

_LEAST_S = 10
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


def add_prometheus(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """``--prometheus`` and what goes with it: ``server``, ``matchers``; ``range_s``, ``host``, ``most_series``."""
    add = parser.add_argument
    add("--prometheus", metavar="URL", required=required, help="the server, such as http://prometheus:9090")
    add("--range", metavar="TIME", dest="range_s", type=_range, default=3600, help="how far back to look (1h)")
    add("--match", metavar="SELECTOR", default="", help='of which series, as in PromQL: \'env="prod",role=~"web.*"\'')
    add("--host", metavar="LABEL", help="the label that names a host (instance, without its port)")
    add(
        "--header", metavar="NAME:VALUE", action="append", default=[], help="send this with each query; may be repeated"
    )
    add("--most-series", metavar="N", type=int, default=2_000_000, help="do not ask about more series (2,000,000)")


def _range(text: str) -> int:
    seconds = round(days(text))
    if seconds < _LEAST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is less than {_LEAST_S} s, so it may hold no scrape")
    return seconds


def server(options: argparse.Namespace) -> "Prometheus":
    """The one that was named; a context manager.

    Raises:
        RefusedError: ``no-httpx``.
        UsageError: ``bad-header``, ``bad-url``.
    """
    try:
        from lastack.fleet.prometheus import Prometheus  # noqa: PLC0415 - needs an extra
    except ImportError:
        raise RefusedError("no-httpx", "asking Prometheus needs httpx", "pip install 'lastack[fleet]'") from None
    return Prometheus(options.prometheus, dict(map(_header, options.header)))


def matchers(options: argparse.Namespace) -> str:
    """Without the braces that they may be given with."""
    selector: str = options.match
    return selector.strip().removeprefix("{").removesuffix("}").strip().strip(",")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()) or not (value.isascii() and value.isprintable()):
        raise UsageError("bad-header", f"{text!r} is no header: expected NAME:VALUE", "X-Scope-OrgID:shop, say")
    return name.strip(), value.strip()
