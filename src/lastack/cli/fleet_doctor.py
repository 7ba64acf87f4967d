"""Say which hosts of a fleet are in trouble, and what those have in common that the healthy have not.

Asks Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), about what `lastack metrics` exports on
each host; where only node_exporter's metrics are, it says what it can with those. A few queries, whose number and
series are printed; nothing is asked of the hosts themselves.
"""

import argparse
import re
import sys
import time

from lastack.cli.duration import days
from lastack.cli.options import add_color, add_json, wants_color
from lastack.doctor.verdicts import SEVERITIES
from lastack.errors import RefusedError, UsageError

__all__ = ["configure", "run"]

_LEAST_S = 10
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack fleet doctor``."""
    add = parser.add_argument
    add("--prometheus", metavar="URL", required=True, help="the server, such as http://prometheus:9090")
    add("--range", metavar="TIME", dest="range_s", type=_range, default=3600, help="how far back to look (1h)")
    add("--match", metavar="SELECTOR", default="", help='of which series, as in PromQL: \'env="prod",role=~"web.*"\'')
    add("--by", metavar="LABEL", default="job", help="the label that groups hosts that should be equal (job)")
    add("--host", metavar="LABEL", help="the label that names a host (instance, without its port)")
    add(
        "--header", metavar="NAME:VALUE", action="append", default=[], help="send this with each query; may be repeated"
    )
    add("--most-series", metavar="N", type=int, default=2_000_000, help="do not ask about more series (2,000,000)")
    add("--fail-on", choices=SEVERITIES, help="exit with 1 where a fault is as bad as that, or worse")
    add_json(parser)
    add_color(parser)


def _range(text: str) -> int:
    seconds = round(days(text))
    if seconds < _LEAST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is less than {_LEAST_S} s, so it may hold no scrape")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Ask, print."""
    try:
        from lastack.fleet.prometheus import Prometheus  # noqa: PLC0415 - needs an extra
    except ImportError:
        raise RefusedError("no-httpx", "asking Prometheus needs httpx", "pip install 'lastack[fleet]'") from None
    from lastack.cli.fleet_doctor_report import as_json, as_text  # noqa: PLC0415 - help does without
    from lastack.fleet.queries import Scope  # noqa: PLC0415 - as above
    from lastack.fleet.survey import Survey  # noqa: PLC0415 - as above

    scope = Scope(options.match.strip().removeprefix("{").removesuffix("}").strip().strip(","), options.range_s)
    with Prometheus(options.prometheus, dict(map(_header, options.header))) as prometheus:
        survey = Survey(prometheus, scope, by=options.by, host_label=options.host, most_series=options.most_series)
        report = survey.take(time.time())
    lines = [as_json(report)] if options.json else (f"{line}\n" for line in as_text(report, color=wants_color(options)))
    sys.stdout.writelines(lines)
    return int(options.fail_on is not None and report.reaches(options.fail_on))


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()) or not (value.isascii() and value.isprintable()):
        raise UsageError("bad-header", f"{text!r} is no header: expected NAME:VALUE", "X-Scope-OrgID:shop, say")
    return name.strip(), value.strip()
