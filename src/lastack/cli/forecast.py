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
_PORTS = 28_232
# Options that say more of a load by --rate, and of a NAT by --hosts; as they are in ``options``.
_OF_RATE = ("hold", "closes", "ports", "reuse")
_OF_HOSTS = ("destinations", "addresses", "conntrack", "seed")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack forecast``."""
    add = parser.add_argument
    add("--times", metavar="X", type=_positive, default=1.0, help="so many times the load that there is (1)")
    add("--from", metavar="SNAPSHOT", dest="source", help="of that host instead of this one; -: standard input")
    add("--interval", metavar="TIME", type=duration, help="take two samples so far apart, to see growth")
    add(
        "--pool", metavar="N", type=_count, default=_POOL, help=f"connections of the keep-alive that is tried ({_POOL})"
    )
    add(
        "--rate",
        metavar="R",
        type=_positive,
        help="a load that you describe: connections a second; per host of --hosts",
    )
    add("--hold", metavar="TIME", type=duration, help="how long each is open (0)")
    add("--closes", choices=["here", "there"], help="who closes first, and has the TIME_WAIT (here)")
    add("--ports", metavar="N", type=_count, help=f"local ports towards the destination ({_PORTS:,})")
    add("--reuse", metavar="TIME", type=duration, help="age from which TIME_WAIT is taken over (tcp_tw_reuse_delay)")
    add("--hosts", metavar="N", type=_count, help="hosts behind one NAT, for a day")
    add("--destinations", metavar="N", type=_count, help="of --hosts: destinations that they share (100)")
    add("--addresses", metavar="N", type=_count, help="of --hosts: public addresses (1)")
    add("--conntrack", metavar="N", type=_count, help="of --hosts: nf_conntrack_max")
    add("--seed", metavar="N", type=_count, help="of --hosts: the same number, the same day (1)")
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


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1")
    return number


def run(options: argparse.Namespace) -> int:
    """Look or listen, calculate, print."""
    _refuse_idle(options)
    if options.hosts is not None:
        return _behind_a_nat(options)
    described = options.rate is not None
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
        hold_s=options.hold or 0.0,
        closes=options.closes or "here",
        ports=options.ports or _PORTS,
        reuse_s=options.reuse,
    )
    return of_flows([flow], Limits(), options.pool)


def _refuse_idle(options: argparse.Namespace) -> None:
    """An option that would do nothing says that something else was meant."""
    given = vars(options)
    looked_at = (options.source, options.at, options.between, options.netns, options.interval)
    if options.rate is not None and (any(looked_at) or options.times != 1.0):
        message = (
            "--rate describes a load; --times, --from, --at, --between, --netns, --interval take one that there is"
        )
        raise UsageError("options-clash", message)
    for needed, names in (("rate", _OF_RATE), ("hosts", _OF_HOSTS)):
        idle = [f"--{name}" for name in names if given[name] is not None and given[needed] is None]
        if idle:
            raise UsageError("options-clash", f"{', '.join(idle)}: of a load that is described by --{needed}")
    if options.hosts is not None:
        idle = [f"--{name}" for name in ("closes", "ports", "reuse") if given[name] is not None]
        if idle:
            raise UsageError("options-clash", f"{', '.join(idle)}: of one host, and --hosts are many behind a NAT")


def _of_host(options: argparse.Namespace) -> "Outlook":
    from lastack.cli.samples import samples  # noqa: PLC0415 - as above
    from lastack.forecast.outlook import of_model  # noqa: PLC0415 - as above
    from lastack.model.model import Model  # noqa: PLC0415 - as above

    return of_model(Model.of(*samples(options)), options.times, options.pool)


def _behind_a_nat(options: argparse.Namespace) -> int:
    if options.rate is None:
        raise UsageError("options-clash", "--hosts needs --rate: connections a second of each", "--rate 0.1, say")
    try:
        import numpy as np  # noqa: PLC0415 - only a simulation needs it
    except ImportError:
        raise RefusedError("no-numpy", "a simulation needs numpy", 'pip install "lastack[forecast]"') from None
    from lastack.cli.forecast_report import nat_as_json, nat_as_text  # noqa: PLC0415 - as above
    from lastack.forecast.nat import Nat, day  # noqa: PLC0415 - as above

    nat = Nat(
        hosts=options.hosts,
        rate_per_s=options.rate,
        hold_s=options.hold or 0.0,
        destinations=options.destinations or 100,
        addresses=options.addresses or 1,
        conntrack=options.conntrack,
    )
    found = day(nat, np.random.default_rng(options.seed or 1))
    sys.stdout.writelines(
        [nat_as_json(nat, found)] if options.json else [f"{line}\n" for line in nat_as_text(nat, found)]
    )
    return 0
