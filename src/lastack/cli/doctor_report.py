"""The diagnosis on a terminal: a letter with the verdict first. Rendering only; nothing here judges."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from lastack.cli.doctor_layout import Line, Sheet, say
from lastack.cli.doctor_rest import Block, healthy_block, is_of_one_sample, unseen_block
from lastack.doctor.diagnosis import Diagnosis
from lastack.doctor.verdicts import Evidence, Finding, Remedy
from lastack.doctor.wording import counted
from lastack.model.model import Model

__all__ = ["render"]


def render(diagnosis: Diagnosis, model: Model, sheet: Sheet) -> None:
    """Write the letter. Text from the host is printed as it is, control characters escaped."""
    verdict = _verdict(diagnosis, sheet.width)
    say(sheet, [Line("", verdict, "bold"), Line("", _header(model)), Line("", _census(model))])
    for finding in diagnosis.findings:
        sheet.out.write("\n")
        head = f"{finding.severity.upper()} {finding.id} (confidence: {finding.confidence})"
        say(sheet, [Line("", head, finding.severity), Line("", finding.summary)])
        say(sheet, _particulars(finding), indent=2)
    _block(sheet, "HEALTHY", healthy_block(diagnosis.healthy, sheet.width))
    _block(sheet, "CANNOT TELL, BECAUSE", unseen_block(diagnosis, model))


def _verdict(diagnosis: Diagnosis, width: int) -> str:
    """One line: as many findings by name as fit."""
    lines = [_verdict_naming(diagnosis, named) for named in range(len(diagnosis.findings), -1, -1)]
    return next((line for line in lines if len(line) <= width), lines[-1])


def _verdict_naming(diagnosis: Diagnosis, named: int) -> str:
    waiting = [one for one in diagnosis.unknown if is_of_one_sample(one.reason)]
    hidden = len(diagnosis.unknown) - len(waiting)
    unknown = f"{hidden} cannot be told" if hidden else ""
    if not diagnosis.findings:
        so_far = " as far as one sample tells" if waiting else ""
        return f"Nothing wrong in sight; {unknown}." if unknown else f"All healthy{so_far}: nothing needs a change."
    rest = unknown or ("the rest is healthy" if diagnosis.healthy else "")
    by_severity = groupby(diagnosis.findings[:named], lambda finding: finding.severity)
    parts = [f"{severity}: {', '.join(one.id for one in findings)}" for severity, findings in by_severity]
    more = len(diagnosis.findings) - named
    parts += [f"{more} more"] if more and named else [counted(more, "finding")] if more else []
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
    return f"{counted(model.total, 'TCP socket')}: {states}" if states else "no TCP sockets"


def _particulars(finding: Finding) -> list[Line]:
    remedies = [line for number, remedy in enumerate(finding.remedies, 1) for line in _remedy(number, remedy)]
    return [
        *_labelled("evidence", map(_text, _evidence(finding.evidence))),
        *_labelled("cause", [_text(finding.cause)]),
        *_labelled("remedies", remedies),
    ]


def _text(text: str) -> Line:
    return Line("", text)


def _labelled(label: str, lines: Iterable[Line]) -> list[Line]:
    return [line if at else line._replace(label=label) for at, line in enumerate(lines)]


def _remedy(number: int, remedy: Remedy) -> Iterator[Line]:
    """The remedy, then the lines to write and where its project says so, further in."""
    change = f"{remedy.key} = {remedy.value}. " if remedy.key else ""
    lead = f"{number}. "
    yield Line("", f"{lead}[{remedy.kind}] {change}{remedy.text}")
    yield from (Line("", line, "bold", len(lead) + 2) for line in remedy.lines)
    if remedy.source:
        yield Line("", remedy.source, "quiet", len(lead))


def _evidence(evidence: Evidence) -> list[str]:
    """The single values on one line, then one line a row of each list."""
    rows = [_pairs(row) for value in evidence.values() if isinstance(value, list) for row in value]
    single = _pairs({name: value for name, value in evidence.items() if not isinstance(value, list)})
    return [line for line in (single, *rows) if line]


def _pairs(values: "dict[str, int | float | str | bool | None]") -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in values.items() if value is not None)


def _number(value: float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:,}"


def _block(sheet: Sheet, title: str, block: Block) -> None:
    if any(block):
        sheet.out.write("\n")
        say(sheet, [Line("", title, "bold")])
        for lines in block:
            say(sheet, lines, indent=2)
