"""What is run on the hosts of a rollout, and what their answers mean. A shell and coreutils are all they need.

A host that was changed puts itself back, unless it hears in time that the change may stay: a process is left there
that waits for that, whatever becomes of the controller. Its file is ``/run/lastack-rollout-MARK.PID`` for as long as
it waits; who takes the file away, the process at its deadline or a command of ours, decides. After a reboot there is
neither, nor the change.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, get_args

from lastack.errors import InputError
from lastack.kernel.counters import parse_counters
from lastack.plan.health import HARM, Reading
from lastack.plan.key import parts_of

__all__ = ["Answer", "Promise", "Switch", "confirm", "look", "looked", "put", "told", "watch", "watched"]

_LOOK = 'for f; do cat "/proc/sys/$f" || exit; done'

# Takes the file away, and says how the process stood that waited; then the file's name without PID is $f.
_DISARM = """f=/run/lastack-rollout-$1; shift; s=none
for w in "$f".[0-9]*; do kill -0 "$(cat "$w")" && s=waiting || s=dead; rm "$w" || s=none; done 2>/dev/null
n=0; while [ -e "$f.undoing" ] && [ $((n += 1)) -lt 6 ]; do sleep 1; done
[ ! -e "$f.undone" ] || s=undone
rm -f "$f.undone"; echo $s
"""
_CONFIRM = f"{_DISARM}{_LOOK}"
# The process that waits: for the file, until when, then path, value to put back, value that was written.
_WAIT = """trap "" HUP INT QUIT; cd /; f=$1; w=$2; until=$3; shift 3
while [ -e "$w" ] && read -r up _ < /proc/uptime && [ "${up%.*}" -lt "$until" ]; do sleep 1; done
mv "$w" "$f.undoing" || exit
while [ $# -gt 2 ]; do printf "%s\\n" "$2" > "/proc/sys/$1"; shift 3; done
mv "$f.undoing" "$f.undone"
"""
# In a session of its own: Ansible ends what is in the one of its worker, where it is on the host itself.
_PUT = f"""{_DISARM}wait=$1; within=$2; shift 2
if [ "$within" -gt 0 ]; then
  w=$f.$$; : > "$w" || exit; read -r up _ < /proc/uptime || exit
  $(command -v setsid) sh -c "$wait" lastack "$f" "$w" $((${{up%.*}} + within)) "$@" < /dev/null > /dev/null 2>&1 &
  echo $! > "$w"
fi
while [ $# -gt 2 ]; do p=/proc/sys/$1; printf "%s\\n" "$3" > "$p" && cat "$p" || exit; shift 3; done"""
_WATCH = (
    "n=$1; while cat /proc/uptime /proc/self/net/snmp /proc/self/net/netstat; do echo; "
    'n=$((n - 1)); [ "$n" -gt 0 ] || exit 0; sleep "$2"; done'
)
_COUNTED = frozenset({*HARM, "Tcp.ActiveOpens", "Tcp.PassiveOpens"})

# waiting: it was; dead: it was to, and somebody ended it; undone: it has put the host back; none: there is no trace.
Switch = Literal["waiting", "dead", "undone", "none"]


class Promise(NamedTuple):
    """That a host puts itself back.

    Attributes:
        mark: names it, on that host; the same for all changes of one rollout.
        within_s: unless confirmed within that; 0: there is none.
    """

    mark: str
    within_s: int


class Answer(NamedTuple):
    """How the process stood that was to put the host back, and key to value as it now is."""

    switch: Switch
    values: dict[str, str]


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


def put(values: Mapping[str, str], before: Mapping[str, str], promise: Promise) -> list[str]:
    """The command that writes values, in their order, and answers as they then are; it ends where one is refused.

    An earlier promise of the same mark is taken back, and the new one is made before anything is written.
    """
    triples = ((_path(key), before[key], value) for key, value in values.items())
    words = [word for triple in triples for word in triple]
    return ["sh", "-c", _PUT, "lastack", promise.mark, _WAIT, str(promise.within_s), *words]


def confirm(keys: Iterable[str], mark: str) -> list[str]:
    """The command that lets the values stay, and answers."""
    return ["sh", "-c", _CONFIRM, "lastack", mark, *map(_path, keys)]


def told(keys: Iterable[str], output: str) -> Answer:
    """What ``put`` and ``confirm`` answer.

    Raises:
        InputError: ``bad-host-output``.
    """
    first, _, rest = output.partition("\n")
    switch = next((word for word in get_args(Switch) if word == first), None)
    if switch is None:
        raise InputError("bad-host-output", f"expected {', '.join(get_args(Switch))}, found {first[:60]!r}")
    return Answer(switch, looked(keys, rest))


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
