"""Print this host's TCP as Prometheus metrics, or the rules and the dashboard that go with them.

`lastack serve` has the same metrics at /metrics. Without a server, write them where node_exporter's textfile collector
looks: lastack metrics -o /var/lib/node_exporter/lastack.prom, once a minute.
"""

import argparse
import json
import time
from importlib.resources import files

from lastack.cli.options import add_netns
from lastack.cli.writing import write
from lastack.errors import RefusedError, UsageError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack metrics``."""
    add = parser.add_argument
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rules", action="store_true", help="print alerting and recording rules for Prometheus")
    what.add_argument("--dashboard", action="store_true", help="print a dashboard for Grafana to import")
    add("-o", "--output", metavar="FILE", help="write there instead of to stdout; replaced in one step")
    add_netns(parser)


def run(options: argparse.Namespace) -> int:
    """Look, render, write."""
    if options.netns and (options.rules or options.dashboard):
        raise UsageError("options-clash", "--netns is for metrics of a live namespace")
    write(options.output, _content(options))
    return 0


def _content(options: argparse.Namespace) -> bytes:
    if options.rules:
        return files("lastack.metrics").joinpath("lastack.rules.yml").read_bytes()
    if options.dashboard:
        from lastack.metrics.dashboard import dashboard  # noqa: PLC0415 - the others do without

        return json.dumps(dashboard(), indent=2).encode() + b"\n"
    return _exposition(options.netns)


def _exposition(netns: str | None) -> bytes:
    from lastack.cli.live import live_moment  # noqa: PLC0415 - rules and dashboard need no kernel
    from lastack.metrics.family import Cost  # noqa: PLC0415
    from lastack.model.model import Model  # noqa: PLC0415

    try:
        from lastack.metrics.exposition import render  # noqa: PLC0415
    except ImportError:
        hint = "pip install 'lastack[metrics]'"
        raise RefusedError("no-prometheus-client", "prometheus_client is not installed", hint) from None
    begun, cpu = time.perf_counter(), time.process_time()
    model = Model.of(live_moment(netns).sample)
    return render(model, cost=Cost(time.perf_counter() - begun, time.process_time() - cpu))[0]
