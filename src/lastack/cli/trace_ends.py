"""``lastack trace --ends``: a namespace's TCP sockets as they end. Takes no privilege, sees nothing of their lives."""

import argparse
import json
import select
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from lastack.cli.trace_choice import chosen
from lastack.cli.trace_until import Stop, stopping
from lastack.errors import UsageError
from lastack.kernel.destroyed import Destroyed, Ended, ended
from lastack.kernel.namespaces import current, enter
from lastack.kernel.remains import Entry, Remains
from lastack.kernel.tracepoints_filter import Wanted

__all__ = ["SCHEMA", "run_ends"]

SCHEMA = "lastack.trace-end/1"

_SHOWN_EVERY_S = 0.2
_ASKED = 2000  # entries asked for each time, at most; an ordinary machine closes fewer


def run_ends(options: argparse.Namespace) -> int:
    """Print sockets as they end, until Ctrl-C, a time or a number.

    Raises:
        UsageError: ``options-clash``, ``bad-address``.
        RefusedError: ``sock-diag-refused``, and those of ``lastack.kernel.namespaces.enter``.
    """
    if options.summary or options.diagram:
        raise UsageError("options-clash", "--ends tells no lives of sockets: there is nothing to draw or to sum up")
    wants = Wanted(*chosen(options))
    with stopping(options.duration) as stop:
        if options.netns is None:
            _watch(stop, wants, options)
        else:
            with enter(options.netns):
                _watch(stop, wants, options)
    return 0


def _watch(stop: Stop, wants: Wanted, options: argparse.Namespace) -> None:
    say = _as_json if options.json else _as_text
    left, overruns = options.count, 0
    with Destroyed() as destroyed, Remains() as remains:
        sys.stderr.write(f"lastack: sockets of {current()} as they end\n")
        ending = False
        while not ending and left != 0:
            select.select([destroyed], [], [], stop.left(_SHOWN_EVERY_S))
            ending = stop.now  # after this, once more for the rest
            taken = [one for one in map(ended, destroyed.take()) if _is_wanted(one, wants)][:left]
            sys.stdout.writelines(f"{say(one, entry)}\n" for one, entry in _with_entries(taken, remains))
            sys.stdout.flush()
            left = None if left is None else left - len(taken)
            if destroyed.overruns > overruns:
                overruns = destroyed.overruns
                sys.stderr.write("lastack: so many sockets end at once that the kernel has dropped some\n")


def _with_entries(taken: list[Ended], remains: Remains) -> Iterator[tuple[Ended, Entry | None]]:
    for number, one in enumerate(taken):
        yield one, remains.of(one.local, one.remote) if number < _ASKED else None


def _is_wanted(one: Ended, wants: Wanted) -> bool:
    """Also: whether it was connected."""
    ends = one.local, one.remote
    return (
        one.remote[1] != 0
        and (not wants.ports or any(port in wants.ports for _, port in ends))
        and (not wants.addresses or any(address in wants.addresses for address, _ in ends))
        and (wants.family is None or (len(one.remote[0]) == 4) == (wants.family == 4))
    )


def _as_text(one: Ended, entry: Entry | None) -> str:
    now = f"{datetime.now(UTC).astimezone():%H:%M:%S.%f}"[:-3]
    data = f"sent {_number(one.octets_sent)} received {_number(one.octets_received)}"
    rtt = "" if not one.rtt_us else f" rtt {one.rtt_us / 1000:g} ms"
    again = f" retransmits {one.retransmits}" if one.retransmits else ""
    left = f" leaves {entry.state}" if entry else ""
    return f"{now} {_endpoint(one.local):>21} {_endpoint(one.remote):<21} {data}{rtt}{again}{left}"


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _endpoint(end: tuple[bytes, int]) -> str:
    address = str(ip_address(end[0]))
    return f"[{address}]:{end[1]}" if ":" in address else f"{address}:{end[1]}"


def _as_json(one: Ended, entry: Entry | None) -> str:
    return json.dumps(
        {
            "schema": SCHEMA,
            "ended_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "local_h": str(ip_address(one.local[0])),
            "local_p": one.local[1],
            "remote_h": str(ip_address(one.remote[0])),
            "remote_p": one.remote[1],
            "uid": one.uid,
            "sent_bytes": one.octets_sent,
            "received_bytes": one.octets_received,
            "sent_pkts": one.segments_out,
            "received_pkts": one.segments_in,
            "retransmits": one.retransmits,
            "rtt_us": one.rtt_us,
            "leaves": entry and entry.state,
        }
    )
