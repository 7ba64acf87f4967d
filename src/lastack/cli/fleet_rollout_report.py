"""What ``lastack fleet rollout`` prints."""

from collections.abc import Iterator

from msgspec import json, to_builtins

from lastack.cli.draw import plain
from lastack.fleet.rollout_state import Rollout, Status

__all__ = ["UNDONE", "as_json", "as_text", "intended"]

UNDONE = "asked for"  # the reason of an undo that is none of the guard's

_NAMED = 5
_SAID: dict[Status, str] = {
    "kept": "have it",
    "had-it": "had it before",
    "waiting": "not reached",
    "changed": "changed, and not judged yet",
    "undone": "put back",
    "unreachable": "UNREACHABLE, left as they are",
    "refused": "REFUSED, left as they are",
    "lost": "LOST: changed, and not put back",
}


def as_json(rollout: Rollout) -> str:
    """The state, without what was normal before the stage at work."""
    document = to_builtins(rollout)
    del document["baseline"], document["sick"]
    return json.encode(document).decode() + "\n"


def intended(rollout: Rollout) -> Iterator[str]:
    """What is to be done, and on which hosts, stage by stage."""
    yield from (f"{plain(key)} = {plain(value)}" for key, value in rollout.settings.items())
    for number, names in enumerate(rollout.stages):
        reached = " (reached)" if number < rollout.stage else " (at work)" if _at_work(rollout, number) else ""
        yield f"stage {number + 1}: {_names(names)}{reached}"
        yield from _from(rollout, names)
    yield from _standing(rollout, ("had-it", "unreachable", "refused"))
    yield from _unseen(rollout)


def _at_work(rollout: Rollout, number: int) -> bool:
    return number == rollout.stage and rollout.phase in {"changing", "watching", "undoing"}


def _from(rollout: Rollout, names: list[str]) -> Iterator[str]:
    """The values that they have now, where these are few."""
    for key in rollout.settings:
        values: dict[str, list[str]] = {}
        for name in names:
            values.setdefault(rollout.hosts[name].before[key], []).append(name)
        for value, having in list(values.items())[:_NAMED]:
            yield f"  {plain(key)} was {plain(value)} on {_names(having)}"


def as_text(rollout: Rollout) -> Iterator[str]:
    """How it ended, and how each host stands."""
    if rollout.reason == UNDONE:
        yield "undone"
    elif rollout.reason:
        yield f"STOPPED in stage {rollout.stage + 1} of {len(rollout.stages)}: {plain(rollout.reason)}"
    else:
        yield f"done: {len(rollout.of_status('kept', 'had-it')):,} of {len(rollout.hosts):,} hosts have it"
    yield from _standing(rollout, tuple(_SAID))
    yield from _unseen(rollout)


def _unseen(rollout: Rollout) -> Iterator[str]:
    """Hosts that the doctor on Prometheus does not judge, where it was asked."""
    never = rollout.of_status("had-it", "unreachable", "refused")
    names = [name for name, host in rollout.hosts.items() if host.in_prometheus is False and name not in never]
    if names:
        yield f"NOT IN PROMETHEUS, their own counters alone judge them: {_names(names)}"


def _standing(rollout: Rollout, statuses: tuple[Status, ...]) -> Iterator[str]:
    for status in statuses:
        names = rollout.of_status(status)
        if not names:
            continue
        yield f"{_SAID[status]}: {_names(names)}"
        for name in names:
            if rollout.hosts[name].note:
                yield f"  {plain(name)}: {plain(rollout.hosts[name].note)}"


def _names(names: list[str]) -> str:
    shown = ", ".join(map(plain, names[:_NAMED]))
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"
