"""What else differs between two samples, besides settings and rates: other host, boot, kernel, programs, listeners."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lastack.model.census import TIME_WAIT_S, endpoint
from lastack.model.sample import Sample

__all__ = ["Circumstance", "circumstances"]

_SHOWN = 5  # programs, listeners


class Circumstance(Struct, frozen=True, kw_only=True):
    """One thing that differs, or that a reader of the comparison must know.

    Attributes:
        id: slug: ``host``, ``boot``, ``kernel``, ``namespace``, ``program``, ``listener``, ``backlog``, ``order``,
            ``overlap``, ``young``, ``source``, ``inexact``, ``hidden``.
        text: a sentence.
    """

    id: str
    text: str


def circumstances(before: Sample, after: Sample) -> list[Circumstance]:
    """All that are found; none between two samples of one quiet host."""
    found = [
        *_identity(before, after),
        *_programs(before, after),
        *_listeners(before, after),
        *_sight(before, after),
    ]
    return [Circumstance(id=slug, text=text) for slug, text in found]


def _identity(before: Sample, after: Sample) -> Iterator[tuple[str, str]]:
    if before.host != after.host:
        yield "host", f"two hosts: {before.host or '(no name)'} and {after.host or '(no name)'}"
    if before.kernel != after.kernel:
        yield "kernel", f"another kernel: Linux {before.kernel}, then {after.kernel}"
    if before.boot_id != after.boot_id:
        if before.host == after.host:
            yield "boot", "the host was started anew in between: every socket and counter is of after that"
    elif before.netns != after.netns:
        yield "namespace", f"two network namespaces: {before.netns} and {after.netns}"
    elif (seconds := after.uptime_s - before.uptime_s) <= 0:
        yield "order", "what is called after was not taken later: are the two exchanged?"
    elif seconds < TIME_WAIT_S:
        text = f"only {seconds:.0f} s lie between the two: TIME_WAIT lasts {TIME_WAIT_S} s, so many are in both"
        yield "overlap", text
    if after.uptime_s < TIME_WAIT_S:
        yield "young", f"the host is up for {after.uptime_s:.0f} s: less than TIME_WAIT lasts"


def _programs(before: Sample, after: Sample) -> Iterator[tuple[str, str]]:
    """Programs all of whose processes are others: what they held was closed with them."""
    was, now = _processes(before), _processes(after)
    for name in sorted(was.keys() & now.keys())[:_SHOWN]:
        if was[name].isdisjoint(now[name]):
            yield "program", f"{name} was started anew ({_pids(was[name])}, then {_pids(now[name])})"
    for name in sorted(was.keys() - now.keys())[:_SHOWN]:
        yield "program", f"{name} holds no socket any more"
    for name in sorted(now.keys() - was.keys())[:_SHOWN]:
        yield "program", f"{name} holds sockets and did not before"


def _processes(sample: Sample) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    holders = [one.process for one in sample.listeners] + [one.process for one in sample.cohorts]
    for holder in filter(None, holders):
        name, _, pid = holder.rpartition("/")
        if name:
            found.setdefault(name, set()).add(pid)
    return found


def _pids(pids: Iterable[str]) -> str:
    first, *others = sorted(pids, key=int) if all(map(str.isdecimal, pids)) else sorted(pids)
    return f"pid {first}" + (f" and {len(others)} more" if others else "")


def _listeners(before: Sample, after: Sample) -> Iterator[tuple[str, str]]:
    was, now = _backlogs(before), _backlogs(after)
    for label in sorted(was.keys() - now.keys())[:_SHOWN]:
        yield "listener", f"nobody listens on {label} any more"
    for label in sorted(now.keys() - was.keys())[:_SHOWN]:
        yield "listener", f"somebody listens on {label} since"
    for label in sorted(was.keys() & now.keys()):
        if was[label] != now[label] and None not in {was[label], now[label]}:
            yield "backlog", f"the backlog of {label} was {was[label]:,} and is {now[label]:,}"


def _backlogs(sample: Sample) -> dict[str, int | None]:
    return {endpoint(one.address, one.port): one.backlog for one in sample.listeners}


def _sight(before: Sample, after: Sample) -> Iterator[tuple[str, str]]:
    if before.source != after.source:
        yield "source", f"read in two ways: {before.source}, then {after.source}"
    for name, one in (("before", before), ("after", after)):
        if not one.exact:
            yield "inexact", f"{name}: sockets changed during every dump, so some are missing or counted twice"
        for what, why in one.unseen.items():
            yield "hidden", f"{name}, unseen: {what}: {why}"
