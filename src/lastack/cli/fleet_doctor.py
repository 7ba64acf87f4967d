"""Say which hosts of a fleet are in trouble, and what those have in common that the healthy have not.

Asks Prometheus, or what speaks its HTTP API (Thanos, Mimir, VictoriaMetrics), about what `lastack metrics` exports on
each host; where only node_exporter's metrics are, it says what it can with those. A few queries, whose number and
series are printed; nothing is asked of the hosts themselves.
"""

import argparse
import sys
import time

from lastack.cli.options import add_color, add_json, wants_color
from lastack.cli.prometheus import add_prometheus, matchers, server
from lastack.doctor.verdicts import SEVERITIES

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack fleet doctor``."""
    add_prometheus(parser, required=True)
    add = parser.add_argument
    add("--by", metavar="LABEL", default="job", help="the label that groups hosts that should be equal (job)")
    add("--fail-on", choices=SEVERITIES, help="exit with 1 where a fault is as bad as that, or worse")
    add_json(parser)
    add_color(parser)


def run(options: argparse.Namespace) -> int:
    """Ask, print."""
    with server(options) as prometheus:
        from lastack.cli.fleet_doctor_report import as_json, as_text  # noqa: PLC0415 - help does without
        from lastack.fleet.queries import Scope  # noqa: PLC0415 - as above
        from lastack.fleet.survey import Survey  # noqa: PLC0415 - as above

        scope = Scope(matchers(options), options.range_s)
        survey = Survey(prometheus, scope, by=options.by, host_label=options.host, most_series=options.most_series)
        report = survey.take(time.time())
    lines = [as_json(report)] if options.json else (f"{line}\n" for line in as_text(report, color=wants_color(options)))
    sys.stdout.writelines(lines)
    return int(options.fail_on is not None and report.reaches(options.fail_on))
