"""The diagnosis on a terminal: a letter with the verdict first. Rendering only; nothing here judges."""

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
_NAMED = 3  # findings that the first line names; it must stay one line


class _Line(NamedTuple):
    """One paragraph: a label in a column of its own, then text that wraps beside it."""

    label: str
    text: str
    style: str = ""


def render(diagnosis: Diagnosis, model: Model, *, console: "Console") -> None:
    """Print the letter, as wide as the console. Text from the host is printed as it is, control characters escaped."""
    _say(console, [_Line("", _verdict(diagnosis), "bold"), _Line("", _header(model)), _Line("", _census(model))])
    for finding in diagnosis.findings:
        console.print()
        head = f"{finding.severity.upper()} {finding.id} (confidence: {finding.confidence})"
        _say(console, [_Line("", head, _STYLES[finding.severity]), _Line("", finding.summary)])
        _say(console, _particulars(finding), indent=2)
    _block(console, "HEALTHY", [_Line(item.id, item.summary) for item in diagnosis.healthy])
    unseen = [_Line(what, why) for what, why in model.unseen.items()]
    _block(console, "CANNOT TELL", [_Line(item.id, item.reason) for item in diagnosis.unknown] + unseen)
    _say(console, _out_of_sight(diagnosis, model))


def _verdict(diagnosis: Diagnosis) -> str:
    checks = [f"{len(diagnosis.healthy)} healthy"]
    if diagnosis.unknown:
        checks.append(f"{len(diagnosis.unknown)} cannot tell")
    if not diagnosis.findings:
        return f"Nothing here needs a change ({', '.join(checks)})."
    named = [f"{finding.id} ({finding.severity})" for finding in diagnosis.findings[:_NAMED]]
    more = len(diagnosis.findings) - len(named)
    names = ", ".join(named) + (f" and {more} more" if more else "")
    return f"Needs {'help' if diagnosis.reaches('critical') else 'attention'}: {names}; {', '.join(checks)}."


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
    caveats = [item.caveat for item in diagnosis.healthy if item.caveat]
    if not caveats:
        return []
    hint = ". Two samples show more: lastack doctor --interval 5" if model.no_change == ONE_SAMPLE else ""
    return [_Line("", f"Not seen: {'; '.join(caveats)}{hint}")]


def _block(console: "Console", title: str, lines: list[_Line]) -> None:
    if lines:
        console.print()
        _say(console, [_Line("", title, "bold")])
        _say(console, lines, indent=2)


def _say(console: "Console", lines: list[_Line], indent: int = 0) -> None:
    """Print the lines, their labels in one column. ``Text`` takes no markup, ``plain`` leaves no control character."""
    from rich.padding import Padding  # noqa: PLC0415 - only a report needs it
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table.grid(padding=(0, 2, 0, 0))
    labelled = any(line.label for line in lines)
    if labelled:
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        text = Text(plain(line.text), line.style)
        table.add_row(*([Text(plain(line.label)), text] if labelled else [text]))
    console.print(Padding(table, (0, 0, 0, indent)))
