"""What ``lastack forecast`` prints."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import json, to_builtins

from lastack.cli.draw import columns, plain
from lastack.cli.duration import spoken
from lastack.forecast.outlook import FlowOutlook, Outlook
from lastack.forecast.steady import Steady

if TYPE_CHECKING:
    from lastack.forecast.nat import Nat, NatDay  # numpy, which all else does without

__all__ = ["NAT_SCHEMA", "as_json", "as_text", "nat_as_json", "nat_as_text"]

NAT_SCHEMA = "lastack.forecast-nat/1"

_QUIET = 10  # flows that nothing binds, in one line each at most
_BINDS = {
    "ports": "no port is left",
    "tw-buckets": "TIME_WAIT are refused",
    "files": "no file is left",
    "conntrack": "conntrack is full",
}


def as_json(outlook: Outlook) -> str:
    """The document of schema ``lastack.forecast/1``."""
    return json.encode(outlook).decode() + "\n"


def as_text(outlook: Outlook) -> Iterator[str]:
    """Those in trouble with what would help, the others in a line."""
    if outlook.host is not None:
        load = "its present load" if outlook.times == 1 else f"{outlook.times:g} times its present load"
        yield f"{plain(outlook.host)} at {load}"
    bound = [one for one in outlook.flows if one.steady.binds]
    for one in bound:
        yield from _in_trouble(one)
    fine = [one.steady for one in outlook.flows if not one.steady.binds]
    if fine:
        yield "Nothing stands in the way of" if bound else "Nothing stands in the way:"
        rows = [[f"  {plain(one.flow.name)}", f"{_rate(one.flow.rate_per_s)}/s", _states(one)] for one in fine[:_QUIET]]
        yield from columns(rows, left=3)
    if len(fine) > _QUIET:
        yield f"  and {len(fine) - _QUIET:,} more"
    if not outlook.flows:
        yield "No connection is being opened or closed here, so there is nothing to multiply."
    yield from (f"Not told: {plain(reason)}" for reason in outlook.unknown)


def _in_trouble(one: FlowOutlook) -> Iterator[str]:
    flow = one.steady.flow
    trouble = _BINDS[one.steady.binds or "ports"]
    yield f"{plain(flow.name)}, {_rate(flow.rate_per_s)}/s: {trouble} {_when(one.full_in_s)}"
    rows = [["  as it is", _fate(one.steady), _states(one.steady)]]
    rows += [
        [f"  {_what(remedy.what, remedy.setting)}", _fate(remedy.then), _states(remedy.then)] for remedy in one.remedies
    ]
    yield from columns(rows, left=3)


def _what(what: str, setting: str) -> str:
    return setting.removeprefix("net.ipv4.") if setting else what


def _when(seconds: float | None) -> str:
    if not seconds:
        return "now"
    return f"in {spoken(round(seconds)) if seconds >= 1 else 'less than a second'}"


def _fate(then: Steady) -> str:
    if then.failed_per_s > 0:
        return f"{then.failed_share:.0%} fail"
    if then.refused_waits_per_s > 0:
        return f"{_rate(then.refused_waits_per_s)}/s reset"
    return _BINDS[then.binds] if then.binds else "never"


def _states(then: Steady) -> str:
    return ", ".join(f"{round(count):,} {state}" for state, count in then.states.items() if round(count)) or "-"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def nat_as_json(nat: "Nat", found: "NatDay") -> str:
    """The NAT, and what the day comes to."""
    document = {"schema": NAT_SCHEMA, "nat": to_builtins(nat), **to_builtins(found)}
    return json.encode(document).decode() + "\n"


def nat_as_text(nat: "Nat", found: "NatDay") -> Iterator[str]:
    """In sentences."""
    yield (
        f"{nat.hosts:,} hosts behind {nat.addresses:,} address{'es' if nat.addresses > 1 else ''}, "
        f"{nat.destinations:,} destinations: {found.tried:,} connections a day"
    )
    yield f"entries at the busiest moment: {found.peak_entries:,}" + (
        f" of {nat.conntrack:,}" if nat.conntrack is not None else ""
    )
    if found.binds is None:
        yield "Nothing stands in the way."
        return
    clock = timedelta(seconds=round(found.first_failure_s or 0))
    yield f"{_BINDS[found.binds]} at {clock}; {found.failed:,} fail ({found.failed / found.tried:.1%})"
    yield f"of the destination that suffers most, {found.worst_destination_failed_share:.1%}"
    yield f"addresses needed at the busiest hour: {found.addresses_needed:,}"
