"""The diagnosis on a terminal: a letter with the verdict first. Rendering only; nothing here judges."""

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from lastack.cli.draw import plain
from lastack.doctor.diagnosis import Diagnosis
from lastack.doctor.verdicts import Evidence, Finding, Remedy
from lastack.model.change import ONE_SAMPLE
from lastack.model.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

__all__ = ["render"]

_STYLES = {"critical": "bold red", "warning": "bold yellow", "notice": "bold cyan"}
_FIRST = itemgetter(0)
_GAP = 2
_NARROWEST = 20  # columns for text, however narrow the console


class _Line(NamedTuple):
    """One paragraph: a label in a column of its own, then text that wraps beside it."""

    label: str
    text: str
    style: str = ""


def render(diagnosis: Diagnosis, model: Model, *, console: "Console") -> None:
    """Print the letter, as wide as the console. Text from the host is printed as it is, control characters escaped."""
    _say(
        console,
        [_Line("", _verdict(diagnosis, console.width), "bold"), _Line("", _header(model)), _Line("", _census(model))],
    )
    for finding in diagnosis.findings:
        console.print()
        head = f"{finding.severity.upper()} {finding.id} (confidence: {finding.confidence})"
        _say(console, [_Line("", head, _STYLES[finding.severity]), _Line("", finding.summary)])
        _say(console, _particulars(finding), indent=2)
    _block(console, "HEALTHY", [_Line(item.id, item.summary) for item in diagnosis.healthy])
    unseen = [_Line(what, why) for what, why in model.unseen.items()]
    _block(console, "CANNOT TELL", [_Line(item.id, item.reason) for item in diagnosis.unknown] + unseen)
    _say(console, _out_of_sight(diagnosis, model))


def _verdict(diagnosis: Diagnosis, width: int) -> str:
    """One line: as many findings by name as fit."""
    lines = [_verdict_naming(diagnosis, named) for named in range(len(diagnosis.findings), -1, -1)]
    return next((line for line in lines if len(line) <= width), lines[-1])


def _verdict_naming(diagnosis: Diagnosis, named: int) -> str:
    unknown = f"{len(diagnosis.unknown)} cannot be told" if diagnosis.unknown else ""
    rest = unknown or ("the rest is healthy" if diagnosis.healthy else "")
    if not diagnosis.findings:
        return f"Nothing wrong in sight; {unknown}." if unknown else "All healthy: nothing here needs a change."
    by_severity = groupby(diagnosis.findings[:named], lambda finding: finding.severity)
    parts = [f"{severity}: {', '.join(one.id for one in findings)}" for severity, findings in by_severity]
    more = len(diagnosis.findings) - named
    parts += [f"{more} more"] if more and named else [f"{more} findings"] if more else []
    line = "; ".join(filter(None, [*parts, rest]))
    return f"{line[0].upper()}{line[1:]}."


def _header(model: Model) -> str:
    facts = [model.host, f"Linux {model.kernel}", model.netns, model.taken_at]
    if model.source == "proc":
        facts.append("read from /proc")
    if not model.exact:
        facts.append("inexact: sockets changed during every dump")
    return "  ".join(filter(None, facts))


def _census(model: Model) -> str:
    states = ", ".join(f"{count:,} {state}" for state, count in model.states.items())
    return f"{model.total:,} TCP sockets: {states}" if states else "no TCP sockets"


def _particulars(finding: Finding) -> list[_Line]:
    remedies = [f"{number}. {_remedy(remedy)}" for number, remedy in enumerate(finding.remedies, 1)]
    return [
        *_labelled("evidence", _evidence(finding.evidence)),
        *_labelled("cause", [finding.cause]),
        *_labelled("remedies", remedies),
    ]


def _labelled(label: str, texts: "Iterable[str]") -> list[_Line]:
    return [_Line("" if at else label, text) for at, text in enumerate(texts)]


def _remedy(remedy: Remedy) -> str:
    change = f"{remedy.key} = {remedy.value}. " if remedy.key else ""
    return f"[{remedy.kind}] {change}{remedy.text}"


def _evidence(evidence: Evidence) -> list[str]:
    """The single values on one line, then one line a row of each list."""
    rows = [_pairs(row) for value in evidence.values() if isinstance(value, list) for row in value]
    single = _pairs({name: value for name, value in evidence.items() if not isinstance(value, list)})
    return [single, *rows]


def _pairs(values: "dict[str, int | float | str | bool | None]") -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in values.items() if value is not None)


def _number(value: float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:,}"


def _out_of_sight(diagnosis: Diagnosis, model: Model) -> list[_Line]:
    """What the healthy could not show, by reason."""
    unseen = sorted(((why, what) for item in diagnosis.healthy for what, why in item.unseen.items()), key=_FIRST)
    reasons = [f"{', '.join(what for _, what in pairs)} ({why})" for why, pairs in groupby(unseen, _FIRST)]
    if not reasons:
        return []
    hint = " `lastack doctor --interval 5` takes two." if model.no_change == ONE_SAMPLE else ""
    return [_Line("", f"Not seen: {'; '.join(reasons)}.{hint}")]


def _block(console: "Console", title: str, lines: list[_Line]) -> None:
    if lines:
        console.print()
        _say(console, [_Line("", title, "bold")])
        _say(console, lines, indent=2)


def _say(console: "Console", lines: list[_Line], indent: int = 0) -> None:
    """Print the lines, their labels in one column. ``Text`` takes no markup, ``plain`` leaves no control character."""
    from rich.text import Text  # noqa: PLC0415 - only a report needs it

    widest = max((len(line.label) for line in lines), default=0)
    margin = indent + (widest + _GAP if widest else 0)
    for line in lines:
        label = " " * indent + line.label.ljust(margin - indent)
        text = Text(plain(line.text), line.style)
        for part in text.wrap(console, max(console.width - margin, _NARROWEST)):
            part.rstrip()
            console.print(Text.assemble(plain(label), part), soft_wrap=True)
            label = " " * margin
