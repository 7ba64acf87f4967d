"""What lint prints: verdicts as text or JSON; for a host also its files, who wins each key, and what drifted."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lastack.cli.draw import plain
from lastack.settings.lint.judge import Judged
from lastack.settings.lint.system import Contest
from lastack.settings.sysctld.loading import Entry
from lastack.settings.sysctld.precedence import MAIN_FILE, File, Loader

__all__ = ["SCHEMA", "as_document", "as_text", "contests_as_document", "contests_as_text", "files_as_text"]

SCHEMA = "lastack.lint/1"

# What reads the files, as people call it.
_LOADERS = {"systemd": "systemd-sysctl", "procps": "procps (sysctl --system)"}
_COLORS = {
    "ok": "32",
    "no-effect": "2",
    "overridden": "2",
    "hazard": "33;1",
    "out-of-range": "31;1",
    "removed": "31;1",
    "unknown": "31;1",
    "malformed": "31;1",
}
# What another line is that a verdict comes with.
_OFFERS = {"unknown": "Meant", "malformed": "Meant", "removed": "Instead"}
_WIDTH = 118


def as_document(judged: Iterable[Judged], kernel: str) -> dict[str, Any]:
    """The verdicts as the document ``lastack.lint/1``."""
    return {"schema": SCHEMA, "kernel": kernel, "lines": [item._asdict() for item in judged]}


def contests_as_document(contests: Iterable[Contest], loader: Loader, order: Iterable[File]) -> dict[str, Any]:
    """What ``--system`` adds to it."""
    return {
        "loader": loader,
        "files": [{"path": file.path, "masked_by": file.masked_by} for file in order],
        "winners": [
            {
                "key": contest.key,
                **_setter(contest.winner),
                "overridden": [_setter(line) for line in contest.setters[:-1]],
                "live": contest.live,
                "drifted": contest.drifted,
                "other_loader": _setter(contest.other) if contest.other else None,
            }
            for contest in contests
        ],
    }


def _setter(entry: Entry) -> dict[str, Any]:
    return {"value": entry.value, "file": entry.file, "line": entry.line.number}


def as_text(judged: Sequence[Judged], *, color: bool) -> Iterator[str]:
    """Verdict, line and reason of each, and how many there are of each verdict."""
    for item in judged:
        yield _headline(item, color=color)
        yield from _wrapped(plain(item.message))
        if item.better is not None:
            yield from _wrapped(f"{_OFFERS.get(item.verdict, 'Better')}: {plain(item.better)}")
    yield _totals(judged)


def _headline(item: Judged, *, color: bool) -> str:
    verdict = f"\x1b[{_COLORS[item.verdict]}m{item.verdict:<12}\x1b[0m" if color else f"{item.verdict:<12}"
    what = f"{item.key} = {item.value}" if item.value else item.key
    return f"{plain(item.file)}:{item.line}: {verdict} {plain(what)}".rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _totals(judged: Sequence[Judged]) -> str:
    counts = {verdict: sum(item.verdict == verdict for item in judged) for verdict in _COLORS}
    parts = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    lines = f"{len(judged)} line{'s' * (len(judged) != 1)}"
    return f"{lines}: {', '.join(parts)}" if parts else "no settings"


def files_as_text(loader: Loader, order: Sequence[File]) -> Iterator[str]:
    """The files of a host in their order."""
    yield f"Files in the order in which {_LOADERS[loader]} reads them at boot; a later line wins over an earlier one:"
    for file in order:
        yield f"    {file.path}" + (f" is not read: {file.masked_by} has its name" if file.masked_by else "")
    if not order:
        yield "    none"
    if loader == "systemd":
        yield f"    ({MAIN_FILE} is read only where a link in sysctl.d leads to it)"


def contests_as_text(contests: Sequence[Contest], loader: Loader) -> Iterator[str]:
    """Keys that are set more than once, that the other loader would set otherwise, or whose live value is another."""
    other = _LOADERS["procps" if loader == "systemd" else "systemd"]
    for contest in contests:
        if len(contest.setters) == 1 and not contest.other and not contest.drifted:
            continue
        yield plain(contest.key)
        for line in contest.setters[:-1]:
            yield f"    {_set(line)}, overridden"
        yield f"    {_set(contest.winner)}, wins"
        if contest.other:
            yield f"    {_set(contest.other)}, would win under {other}"
        if contest.drifted:
            yield f"    {plain(contest.live or '')!r} is live: something else set it, or the file was not loaded since"


def _set(entry: Entry) -> str:
    return f"{plain(entry.value)!r} by {plain(entry.where)}"
