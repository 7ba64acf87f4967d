"""A sample as names and numbers: what a recording keeps of it, and back again, with nothing lost.

Between two samples of a host nearly all text is the same, and of the numbers only some have moved. So a frame is a
table from names, which are JSON, to whole numbers:

    ["sample", {host, kernel, boot_id, ...}]    none: what is said once of the whole sample
    ["cohort", {a cohort less its numbers}]     count, retried, probed, kept_alive, bind_parity; of TIME_WAIT with dates
                                                then 60 closes a second, newest last
    ["listener", {a listener}, N]               queue and backlog where they are visible, drops where these are; N tells
                                                equal ones apart
    ["opened"]                                  how many ports are opened from, where that was counted
    ["bound"]                                   the bound ports, where they are visible
    ["counter", group, name]                    its value
    ["sockstat", group, name]                   its value
    ["setting", key, value]                     none
    ["conntrack"]                               count and max
    ["list", which]                             none: the list is there, be it empty: silences, files, promises
    ["silence", N, {a silence}, [seconds]]      sockets for each of the seconds; the Nth of the list
    ["file", process]                           open and limit
    ["promise", N, {a promise}]                 none; the Nth of the list
    ["unseen", what, why]                       none
"""

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec import convert, json, to_builtins

from lastack.model.census import TIME_WAIT_S
from lastack.model.sample import Cohort, Listener, Sample

__all__ = ["DATED", "STILL", "Frame", "Numbers", "to_frame", "to_sample"]

Numbers = tuple[int, ...]

_Fill = Callable[[dict[str, Any], list[Any], Numbers], None]

_LISTS = ("silences", "files", "promises")
_COHORT_NUMBERS = ("count", "retried", "probed", "kept_alive", "bind_parity")
STILL = len(_COHORT_NUMBERS)  # numbers of a cohort that do not move on with time
DATED = STILL + TIME_WAIT_S  # all those of a cohort with closes

_WHOLE = ("host", "kernel", "boot_id", "netns", "netns_name", "source", "exact", "has_timers", "memory_pressure")


class Frame(NamedTuple):
    """A sample.

    Attributes:
        taken_at: RFC 3339, UTC.
        uptime_s: as in the sample.
        table: names to numbers.
    """

    taken_at: str
    uptime_s: float
    table: dict[str, Numbers]


def to_frame(sample: Sample) -> Frame:
    """The frame of a sample."""
    table = {json.encode(name).decode(): numbers for name, numbers in _rows(sample)}
    return Frame(sample.taken_at, sample.uptime_s, table)


def _rows(sample: Sample) -> Iterator[tuple[list[Any], Numbers]]:
    whole = {name: getattr(sample, name) for name in _WHOLE}
    yield ["sample", {name: value for name, value in whole.items() if value not in {None, ""}}], ()
    for cohort in sample.cohorts:
        named = {name: value for name, value in to_builtins(cohort).items() if name not in {*_COHORT_NUMBERS, "closes"}}
        yield ["cohort", named], (*(getattr(cohort, name) for name in _COHORT_NUMBERS), *_timeline(cohort))
    yield from _listeners(sample.listeners)
    if sample.opened_ports is not None:
        yield ["opened"], (sample.opened_ports,)
    if sample.bound_ports is not None:
        yield ["bound"], tuple(sample.bound_ports)
    for kind, groups in (("counter", sample.counters), ("sockstat", sample.sockstat)):
        for group, values in groups.items():
            for name, value in values.items():
                yield [kind, group, name], (value,)
    for key, text in sample.settings.items():
        yield ["setting", key, text], ()
    if sample.conntrack is not None:
        yield ["conntrack"], (sample.conntrack.count, sample.conntrack.max)
    yield from _lists(sample)
    for what, why in sample.unseen.items():
        yield ["unseen", what, why], ()


def _lists(sample: Sample) -> Iterator[tuple[list[Any], Numbers]]:
    for which in _LISTS:
        if getattr(sample, which) is not None:
            yield ["list", which], ()
    for number, silence in enumerate(sample.silences or ()):
        fields = to_builtins(silence)
        fields.pop("seconds", None)
        yield ["silence", number, fields, list(silence.seconds)], tuple(silence.seconds.values())
    for use in sample.files or ():
        yield ["file", use.process], (use.open, use.limit)
    for number, promise in enumerate(sample.promises or ()):
        yield ["promise", number, to_builtins(promise)], ()


def _timeline(cohort: Cohort) -> Iterable[int]:
    return [cohort.closes.get(age, 0) for age in reversed(range(TIME_WAIT_S))] if cohort.closes else ()


def _listeners(listeners: Iterable[Listener]) -> Iterator[tuple[list[Any], Numbers]]:
    seen: dict[bytes, int] = {}
    for one in listeners:
        fields = to_builtins(one)
        queues, drops = (fields.pop("queue"), fields.pop("backlog")), fields.pop("drops", None)
        number = seen[json.encode(fields)] = seen.get(json.encode(fields), -1) + 1
        visible = () if None in queues else queues
        yield ["listener", fields, number], visible if drops is None else (*visible, drops)


def to_sample(frame: Frame) -> Sample:
    """The sample of a frame; its cohorts and listeners in the order that a sample has them in.

    Raises:
        ValueError, TypeError, LookupError: it is no frame of ours.
    """
    fields: dict[str, Any] = {"schema": "lastack.sample/1", "cohorts": [], "listeners": []}
    fields |= {"taken_at": frame.taken_at, "uptime_s": frame.uptime_s}
    for name, numbers in frame.table.items():
        kind, *rest = json.decode(name)
        _FILL[kind](fields, rest, numbers)
    for which in ("silences", "promises"):
        if fields.get(which):
            fields[which] = [one for _, one in sorted(fields[which], key=itemgetter(0))]
    sample = convert(fields, Sample)
    if sample.files:
        sample.files.sort(key=lambda use: (-use.open / max(use.limit, 1), use.process))
    sample.listeners.sort(key=lambda listener: (listener.port, listener.family, listener.address))
    sample.cohorts.sort(key=lambda cohort: (-cohort.count, cohort.state, str(cohort)))
    return sample


def _fill_whole(fields: dict[str, Any], rest: list[Any], _numbers: Numbers) -> None:
    fields.update(rest[0])


def _fill_cohort(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
    counts = dict(zip(_COHORT_NUMBERS, numbers, strict=False))
    closes = {age: closed for age, closed in enumerate(reversed(numbers[STILL:])) if closed}
    fields["cohorts"].append(rest[0] | counts | {"closes": closes})


def _fill_listener(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
    queue, backlog = numbers[:2] if len(numbers) > 1 else (None, None)
    drops = numbers[-1] if len(numbers) % 2 else None
    fields["listeners"].append(rest[0] | {"queue": queue, "backlog": backlog, "drops": drops})


def _fill_list(fields: dict[str, Any], rest: list[Any], _numbers: Numbers) -> None:
    fields.setdefault(rest[0], [])


def _fill_silence(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
    number, named, seconds = rest
    silence = named | {"seconds": dict(zip(seconds, numbers, strict=True))}
    fields.setdefault("silences", []).append((number, silence))


def _fill_file(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
    fields.setdefault("files", []).append({"process": rest[0], "open": numbers[0], "limit": numbers[1]})


def _fill_promise(fields: dict[str, Any], rest: list[Any], _numbers: Numbers) -> None:
    fields.setdefault("promises", []).append((rest[0], rest[1]))


def _fill_value(of: str) -> _Fill:
    def fill(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
        group, name = rest
        fields.setdefault(of, {}).setdefault(group, {})[name] = numbers[0]

    return fill


def _fill_text(of: str) -> _Fill:
    def fill(fields: dict[str, Any], rest: list[Any], _numbers: Numbers) -> None:
        fields.setdefault(of, {})[rest[0]] = rest[1]

    return fill


_FILL: dict[str, _Fill] = {
    "sample": _fill_whole,
    "cohort": _fill_cohort,
    "listener": _fill_listener,
    "opened": lambda fields, _rest, numbers: fields.update(opened_ports=numbers[0]),
    "list": _fill_list,
    "silence": _fill_silence,
    "file": _fill_file,
    "promise": _fill_promise,
    "bound": lambda fields, _rest, numbers: fields.update(bound_ports=list(numbers)),
    "counter": _fill_value("counters"),
    "sockstat": _fill_value("sockstat"),
    "setting": _fill_text("settings"),
    "conntrack": lambda fields, _rest, numbers: fields.update(conntrack={"count": numbers[0], "max": numbers[1]}),
    "unseen": _fill_text("unseen"),
}
