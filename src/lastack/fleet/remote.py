"""What is run on the hosts of a rollout, and what their answers mean. A shell, cat and sleep are all they need."""

from collections.abc import Iterable, Mapping

from lastack.errors import InputError
from lastack.kernel.counters import parse_counters
from lastack.plan.health import HARM, Reading
from lastack.plan.key import parts_of

__all__ = ["look", "looked", "put", "watch", "watched"]

_LOOK = 'for f; do cat "/proc/sys/$f" || exit; done'
_PUT = 'while [ $# -gt 1 ]; do f=/proc/sys/$1; printf "%s\\n" "$2" > "$f" && cat "$f" || exit; shift 2; done'
_WATCH = (
    "n=$1; while cat /proc/uptime /proc/self/net/snmp /proc/self/net/netstat; do echo; "
    'n=$((n - 1)); [ "$n" -gt 0 ] || exit 0; sleep "$2"; done'
)
_COUNTED = frozenset({*HARM, "Tcp.ActiveOpens", "Tcp.PassiveOpens"})


def look(keys: Iterable[str]) -> list[str]:
    """The command that prints values, a line each."""
    return ["sh", "-c", _LOOK, "lastack", *map(_path, keys)]


def looked(keys: Iterable[str], output: str) -> dict[str, str]:
    """Key to value.

    Raises:
        InputError: ``bad-host-output``.
    """
    keys, lines = list(keys), output.split("\n")
    while len(lines) > len(keys) and not lines[-1]:
        lines.pop()
    if len(keys) != len(lines):
        raise InputError("bad-host-output", f"{len(keys)} values were asked for, and {len(lines)} lines came")
    return {key: " ".join(line.split()) for key, line in zip(keys, lines, strict=True)}


def put(values: Mapping[str, str]) -> list[str]:
    """The command that writes values, in their order, and prints each as it then is; it ends where one is refused."""
    return ["sh", "-c", _PUT, "lastack", *(word for key, value in values.items() for word in (_path(key), value))]


def watch(readings: int, interval_s: float) -> list[str]:
    """The command that prints the counters so many times."""
    return ["sh", "-c", _WATCH, "lastack", str(readings), f"{interval_s:g}"]


def watched(output: str) -> list[Reading]:
    """The readings, with the counters that the guard looks at; on the host's own clock.

    Raises:
        InputError: ``bad-host-output``, ``malformed-proc-file``.
    """
    return [_reading(block) for block in output.strip("\n").split("\n\n")]


def _reading(block: str) -> Reading:
    uptime, _, counters = block.partition("\n")
    try:
        at_s = float(uptime.split()[0])
    except (ValueError, IndexError):
        raise InputError("bad-host-output", f"expected an uptime, found {uptime[:60]!r}") from None
    tables = parse_counters(counters.encode(), "the host's counters")
    kept: dict[str, dict[str, int]] = {}
    for name in sorted(_COUNTED):
        table, _, counter = name.partition(".")
        if counter in tables.get(table, {}):
            kept.setdefault(table, {})[counter] = tables[table][counter]
    return Reading(at_s, kept)


def _path(key: str) -> str:
    return "/".join(parts_of(key))
