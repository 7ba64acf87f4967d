"""Say what a load will do: what binds first, and when; sockets per state; and what each remedy buys.

The load is this host's, a snapshot's, or that of a time in a recording, at so many times what it is; or one that you
describe by --rate; or, with --hosts, that of many hosts behind one NAT over a day.
"""

import argparse
import sys
from typing import TYPE_CHECKING

from lastack.cli.duration import duration
from lastack.cli.options import add_at, add_between, add_json, add_netns, add_store
from lastack.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from lastack.forecast.outlook import Outlook

__all__ = ["configure", "run"]

_POOL = 32


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack forecast``."""
    add = parser.add_argument
    add("--times", metavar="X", type=_positive, default=1.0, help="so many times the load that there is (1)")
    add("--from", metavar="SNAPSHOT", dest="source", help="of that host instead of this one; -: standard input")
    add("--interval", metavar="TIME", type=duration, help="take two samples so far apart, to see growth")
    add("--pool", metavar="N", type=int, default=_POOL, help=f"connections of the keep-alive that is tried ({_POOL})")
    add(
        "--rate",
        metavar="R",
        type=_positive,
        help="a load that you describe: connections a second; per host of --hosts",
    )
    add("--hold", metavar="TIME", type=duration, default=0.0, help="how long each is open (0)")
    add("--closes", choices=["here", "there"], default="here", help="who closes first, and has the TIME_WAIT (here)")
    add("--ports", metavar="N", type=int, default=28_232, help="local ports towards the destination (28,232)")
    add("--reuse", metavar="TIME", type=duration, help="age from which TIME_WAIT is taken over (tcp_tw_reuse_delay)")
    add("--hosts", metavar="N", type=int, help="hosts behind one NAT, for a day")
    add("--destinations", metavar="N", type=int, default=100, help="of --hosts: destinations that they share (100)")
    add("--addresses", metavar="N", type=int, default=1, help="of --hosts: public addresses (1)")
    add("--conntrack", metavar="N", type=int, help="of --hosts: nf_conntrack_max")
    add("--seed", metavar="N", type=int, default=1, help="of --hosts: the same number, the same day (1)")
    add_at(parser)
    add_between(parser)
    add_store(parser)
    add_netns(parser)
    add_json(parser)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("a number above 0")
    return value


def run(options: argparse.Namespace) -> int:
    """Look or listen, calculate, print."""
    if options.hosts is not None:
        return _behind_a_nat(options)
    described = options.rate is not None
    if described:
        _refuse_sources(options)
    from lastack.cli.forecast_report import as_json, as_text  # noqa: PLC0415 - help does without

    outlook = _described(options) if described else _of_host(options)
    sys.stdout.writelines([as_json(outlook)] if options.json else [f"{line}\n" for line in as_text(outlook)])
    return 0


def _described(options: argparse.Namespace) -> "Outlook":
    from lastack.forecast.flow import Flow, Limits  # noqa: PLC0415 - as above
    from lastack.forecast.outlook import of_flows  # noqa: PLC0415 - as above

    flow = Flow(
        name="the load",
        rate_per_s=options.rate,
        hold_s=options.hold,
        closes=options.closes,
        ports=options.ports,
        reuse_s=options.reuse,
    )
    return of_flows([flow], Limits(), options.pool)


def _refuse_sources(options: argparse.Namespace) -> None:
    """Where a load is described, none is looked at."""
    looked_at = (options.source, options.at, options.between, options.netns, options.interval)
    if any(looked_at) or options.times != 1.0:
        message = (
            "--rate describes a load; --times, --from, --at, --between, --netns and --interval take one that there is"
        )
        raise UsageError("options-clash", message)


def _of_host(options: argparse.Namespace) -> "Outlook":
    from lastack.cli.samples import samples  # noqa: PLC0415 - as above
    from lastack.forecast.outlook import of_model  # noqa: PLC0415 - as above
    from lastack.model.model import Model  # noqa: PLC0415 - as above

    return of_model(Model.of(*samples(options)), options.times, options.pool)


def _behind_a_nat(options: argparse.Namespace) -> int:
    if options.rate is None:
        raise UsageError("options-clash", "--hosts needs --rate: connections a second of each", "--rate 0.1, say")
    _refuse_sources(options)
    try:
        import numpy as np  # noqa: PLC0415 - only a simulation needs it
    except ImportError:
        raise RefusedError("no-numpy", "a simulation needs numpy", 'pip install "lastack[forecast]"') from None
    from lastack.cli.forecast_report import nat_as_json, nat_as_text  # noqa: PLC0415 - as above
    from lastack.forecast.nat import Nat, day  # noqa: PLC0415 - as above

    nat = Nat(
        hosts=options.hosts,
        rate_per_s=options.rate,
        hold_s=options.hold,
        destinations=options.destinations,
        addresses=options.addresses,
        conntrack=options.conntrack,
    )
    found = day(nat, np.random.default_rng(options.seed))
    sys.stdout.writelines(
        [nat_as_json(nat, found)] if options.json else [f"{line}\n" for line in nat_as_text(nat, found)]
    )
    return 0
