"""What ``lastack census`` prints."""

from typing import NamedTuple

from lastack.cli.draw import bar, columns, plain, sparkline
from lastack.model.census import TIME_WAIT_S, Census, Group
from lastack.tcp.states import STATES

__all__ = ["Subject", "as_json_text", "as_lines", "as_text"]

_ORDER = {state.name: at for at, state in enumerate(STATES)}
_SS = {state.name: state.ss for state in STATES}
_BAR_WIDTH = 40
_NO_GROUP = "(none)"


class Subject(NamedTuple):
    """A census and what it is a census of.

    Attributes:
        census: the counts.
        source: ``sock_diag``, ``proc``, or the kind of file.
        taken_at: RFC 3339 UTC; None for a file that does not say.
        kernel: release; None as above.
        netns: ``net:[inode]``, a name, ``N namespaces``; None as above.
        exact: False where the kernel interrupted every dump.
        warnings: what a reader of the numbers must know, a sentence each.
    """

    census: Census
    source: str
    taken_at: str | None = None
    kernel: str | None = None
    netns: str | None = None
    exact: bool = True
    warnings: tuple[str, ...] = ()


def _ordered(states: dict[str, int]) -> list[tuple[str, int]]:
    """By the life of a connection; states that nobody knows last."""
    return sorted(states.items(), key=lambda item: (_ORDER.get(item[0], len(_ORDER)), item[0]))


def as_lines(census: Census, like: str) -> list[str]:
    """``STATE<TAB>N`` lines in the spelling of ``netstat`` or ``ss``."""
    spelling = _SS if like == "ss" else {}
    return [f"{plain(spelling.get(state, state))}\t{count}" for state, count in _ordered(census.whole.states)]


def as_json_text(subject: Subject) -> str:
    """The document of schema ``lastack.census/1``."""
    import json  # noqa: PLC0415 - the other formats start up without it

    census = subject.census

    def counts(group: Group) -> dict[str, object]:
        return {
            "total": group.total,
            "states": dict(_ordered(group.states)),
            "closes_per_second": group.closes if census.has_timers else None,
        }

    document = {
        "schema": "lastack.census/1",
        "taken_at": subject.taken_at,
        "kernel": subject.kernel,
        "netns": subject.netns,
        "source": subject.source,
        "exact": subject.exact,
        **counts(census.whole),
        "by": census.by,
        "groups": [{"key": dict(zip(census.by, group.key, strict=True))} | counts(group) for group in census.groups],
        "rest": counts(census.rest) if census.rest else None,
        "warnings": subject.warnings,
    }
    return json.dumps(document)


def as_text(subject: Subject, *, color: bool) -> list[str]:
    """The default view: states with bars, the closes of the last minute, and groups where asked for."""
    census = subject.census
    facts = [subject.kernel and f"Linux {subject.kernel}", subject.netns, subject.source]
    head = f"{census.whole.total:,} TCP sockets   {'   '.join(plain(fact) for fact in facts if fact)}"
    lines = [_bold(head) if color else head, ""]
    lines += _state_lines(census)
    if census.has_timers:
        lines += ["", *_close_lines(census.whole)]
    if census.by:
        lines += ["", *_group_lines(census)]
    return lines


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"


def _state_lines(census: Census) -> list[str]:
    states = _ordered(census.whole.states)
    largest = max(census.whole.states.values(), default=0)
    aligned = columns([(plain(state), f"{count:,}") for state, count in states]) if states else []
    return [f"  {line}  {bar(count, largest, _BAR_WIDTH)}" for line, (_, count) in zip(aligned, states, strict=True)]


def _close_lines(whole: Group) -> list[str]:
    total, peak = sum(whole.closes), max(whole.closes)
    return [
        f"  closed first by this side, last {TIME_WAIT_S} s: {total:,}; {total / TIME_WAIT_S:,.1f}/s, peak {peak:,}/s",
        f"  {sparkline(whole.closes)}| now",
    ]


def _group_lines(census: Census) -> list[str]:
    shown = [*census.groups, *([census.rest] if census.rest else [])]
    states = [state for state, _ in _ordered({state: 1 for group in shown for state in group.states})]
    if "state" in census.by:
        states = []  # they are in the keys
    width = len(census.by)
    rows = [[*census.by, "sockets", *map(plain, states)]]
    for group in shown:
        key = ["(others)", *[""] * (width - 1)] if group is census.rest else [_label(part) for part in group.key]
        rows.append([*key, f"{group.total:,}", *[_cell(group, state) for state in states]])
    table = columns(rows, left=width)
    if not census.has_timers:
        return table
    head, *body = table
    closes = [sparkline(group.closes) for group in shown]
    widest = max(map(len, table))
    return [f"{head.ljust(widest)}  closes, last {TIME_WAIT_S} s"] + [
        f"{line.ljust(widest)}  {drawn}".rstrip() for line, drawn in zip(body, closes, strict=True)
    ]


def _label(part: str | None) -> str:
    return _NO_GROUP if part is None else plain(part)


def _cell(group: Group, state: str) -> str:
    return f"{group.states[state]:,}" if state in group.states else "."
