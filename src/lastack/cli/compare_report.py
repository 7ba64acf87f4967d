"""A comparison on a terminal: the two tables side by side, then why. Rendering only; nothing here judges."""

import textwrap
from collections.abc import Iterator, Sequence

from lastack.cli.draw import columns, plain
from lastack.model.bearing import Kind
from lastack.model.causes import Cause
from lastack.model.compare import Comparison, SettingChange, Side
from lastack.model.story import Event

__all__ = ["as_text", "reasons", "verdict"]

_WIDTH = 100

# What a part of a change is, by its kind, and the unit of its values.
_KINDS: dict[Kind, tuple[str, str]] = {
    "load": ("the load, in segments of data sent", "/s"),
    "connections-reused": ("segments of data sent on each connection (keep-alive)", ""),
    "opened": ("connections opened", "/s"),
    "who-closes": ("share of connections that this side closes first", "%"),
    "closes": ("connections that this side closes first", "/s"),
    "refused": ("closes refused their TIME_WAIT, and forgotten", "/s"),
    "taken-over": ("TIME_WAIT taken over by new connections from here", "/s"),
    "replaced": ("TIME_WAIT replaced by a new connection of the same client", ""),
    "earlier": ("sockets of another rate, less than a minute ago", ""),
    "stay": ("time that each stays", " s"),
}
_EFFECTS = {
    "seen": "accounts for {sockets:+,} sockets, by its own counter",
    "possible": "may have part in {sockets:+,} sockets: they stay for another time, for this or other reasons",
    "none": "no effect seen: nothing that it bears on moved beyond noise",
    "unknown": "nothing here could show its effect",
}


def as_text(found: Comparison, *, color: bool) -> Iterator[str]:
    """The lines."""
    yield _bold(verdict(found), color=color)
    yield from columns([(*_head(found.before), "before"), (*_head(found.after), "after")], left=6)
    yield ""
    yield from _states(found)
    for title, lines in reasons(found).items():
        yield from ("", _bold(title, color=color), *_wrapped(lines))


def reasons(found: Comparison) -> dict[str, list[str]]:
    """Why, in lines under headings; headings without any are left out. The text is not made harmless yet."""
    parts = {
        "Why": _causes(found),
        "Settings that differ": [_setting(one) for one in found.settings],
        _counters_title(found): [_event(one) for one in found.counters],
        "What else": [one.text for one in found.circumstances],
    }
    return {title: lines for title, lines in parts.items() if lines}


def verdict(found: Comparison) -> str:
    """The state that changed most beyond noise, and the largest part of that."""
    changed = [one for one in found.states if one.beyond_noise]
    if not changed:
        return "No number of sockets changed beyond noise."
    most = max(changed, key=lambda one: abs(one.after - one.before))
    verb = "rose" if most.after > most.before else "fell"
    line = f"{most.state} {verb} from {most.before:,} to {most.after:,}"
    downwards = most.after < most.before
    parts = [one for one in found.causes if one.state == most.state and one.beyond_noise]
    pushing = [one for one in parts if (one.sockets < 0) == downwards]
    return plain(f"{line}: {_cause(pushing[0])}." if pushing else f"{line}.")


def _bold(text: str, *, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def _head(side: Side) -> tuple[str, ...]:
    facts = (side.host, f"Linux {side.kernel}", side.netns, side.taken_at, f"{side.total:,} sockets")
    return tuple(map(plain, facts))


def _states(found: Comparison) -> Iterator[str]:
    rows = [("state", "before", "after", "change", "")]
    for one in found.states:
        mark = f"{one.deviations:+.1f} sd" if one.beyond_noise else "within noise" if one.after != one.before else ""
        rows.append((plain(one.state), f"{one.before:,}", f"{one.after:,}", f"{one.after - one.before:+,}", mark))
    yield from columns(rows)
    if found.spread > 1:
        bursts = f"closes come in bursts, {found.spread:.1f} times as uneven as chance"
        yield f"({bursts}: noise is taken as that much wider)"


def _causes(found: Comparison) -> list[str]:
    changed = {one.state for one in found.states if one.beyond_noise} | {"TIME_WAIT"}
    parts = [one for one in found.causes if one.state in changed and (one.beyond_noise or one.settings)]
    return [f"{one.state} {one.sockets:+,}: {_cause(one)}" for one in parts]


def _cause(one: Cause) -> str:
    what, unit = _KINDS[one.kind]
    scale = 100 if unit == "%" else 1
    return f"{what}: {scale * one.before:,.1f}{unit}, then {scale * one.after:,.1f}{unit}"


def _setting(one: SettingChange) -> str:
    values = " -> ".join("(not there)" if value is None else value or "(empty)" for value in (one.before, one.after))
    return f"{one.key}: {values}; {_EFFECTS[one.effect].format(sockets=one.sockets)}"


def _counters_title(found: Comparison) -> str:
    if found.interval_s is None:
        return f"Counters, each side in its own time ({found.no_interval})"
    return f"Counters, in the {found.interval_s:,.0f} s between"


def _event(one: Event) -> str:
    rates = ""
    if one.before_per_s is not None and one.after_per_s is not None:
        noise = "" if one.beyond_noise else ", within noise"
        rates = f"; {one.before_per_s:,.1f}/s before, {one.after_per_s:,.1f}/s after{noise}"
    return f"{one.text}{rates} ({one.counter})"


def _wrapped(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(
            plain(line), _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
