"""A sample as names and numbers: what a recording keeps of it, and back again, with nothing lost.

Between two samples of a host nearly all text is the same, and of the numbers only some have moved. So a frame is a
table from names, which are JSON, to whole numbers:

    ["sample", {host, kernel, boot_id, ...}]    none: what is said once of the whole sample
    ["cohort", {a cohort less count, closes}]   count; of TIME_WAIT with dates then 60 closes a second, newest last
    ["listener", {a listener}, N]               queue and backlog where they are visible; N tells equal ones apart
    ["bound"]                                   the bound ports, where they are visible
    ["counter", group, name]                    its value
    ["sockstat", group, name]                   its value
    ["setting", key, value]                     none
    ["conntrack"]                               count and max
    ["unseen", what, why]                       none
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from msgspec import convert, json, to_builtins

from lastack.model.census import TIME_WAIT_S
from lastack.model.sample import Cohort, Listener, Sample

__all__ = ["DATED", "Frame", "Numbers", "to_frame", "to_sample"]

Numbers = tuple[int, ...]

_Fill = Callable[[dict[str, Any], list[Any], Numbers], None]

DATED = 1 + TIME_WAIT_S  # numbers of a cohort with closes

_WHOLE = ("host", "kernel", "boot_id", "netns", "netns_name", "source", "exact")


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
        fields = to_builtins(cohort)
        del fields["count"]
        fields.pop("closes", None)
        yield ["cohort", fields], (cohort.count, *_timeline(cohort))
    yield from _listeners(sample.listeners)
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
    for what, why in sample.unseen.items():
        yield ["unseen", what, why], ()


def _timeline(cohort: Cohort) -> Iterable[int]:
    return [cohort.closes.get(age, 0) for age in reversed(range(TIME_WAIT_S))] if cohort.closes else ()


def _listeners(listeners: Iterable[Listener]) -> Iterator[tuple[list[Any], Numbers]]:
    seen: dict[bytes, int] = {}
    for one in listeners:
        fields = to_builtins(one)
        visible = fields.pop("queue"), fields.pop("backlog")
        number = seen[json.encode(fields)] = seen.get(json.encode(fields), -1) + 1
        yield ["listener", fields, number], () if None in visible else visible


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
    sample = convert(fields, Sample)
    sample.listeners.sort(key=lambda listener: (listener.port, listener.family, listener.address))
    sample.cohorts.sort(key=lambda cohort: (-cohort.count, cohort.state, str(cohort)))
    return sample


def _fill_whole(fields: dict[str, Any], rest: list[Any], _numbers: Numbers) -> None:
    fields.update(rest[0])


def _fill_cohort(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
    count, *timeline = numbers
    closes = {age: closed for age, closed in enumerate(reversed(timeline)) if closed}
    fields["cohorts"].append(rest[0] | {"count": count, "closes": closes})


def _fill_listener(fields: dict[str, Any], rest: list[Any], numbers: Numbers) -> None:
    queue, backlog = numbers or (None, None)
    fields["listeners"].append(rest[0] | {"queue": queue, "backlog": backlog})


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
    "bound": lambda fields, _rest, numbers: fields.update(bound_ports=list(numbers)),
    "counter": _fill_value("counters"),
    "sockstat": _fill_value("sockstat"),
    "setting": _fill_text("settings"),
    "conntrack": lambda fields, _rest, numbers: fields.update(conntrack={"count": numbers[0], "max": numbers[1]}),
    "unseen": _fill_text("unseen"),
}
