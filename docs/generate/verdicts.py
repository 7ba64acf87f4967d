"""docs/reference/lint-verdicts.md: the verdicts of lint, and the keys of what lint and explain print as JSON."""

from docs.generate.markdown import page_of, table, text
from lastack.cli.explain_report import SCHEMA as EXPLAIN_SCHEMA
from lastack.cli.lint_report import SCHEMA
from lastack.settings.lint.verdict import VERDICTS

__all__ = ["EXPLAIN", "LINE", "LINT", "SECTION", "SETTER", "SYSTEM", "WINNER", "page"]

_INTRODUCTION = """\
Each line of a sysctl file gets one verdict, with its reason. `lastack lint` exits with 1 where some line must not stay
as it is."""

LINT = {
    "schema": f"`{SCHEMA}`",
    "kernel": "the release that was judged for",
    "lines": "one entry a line, in their order",
}
LINE = {
    "file": "as it was named",
    "line": "counts from 1",
    "key": "dotted; empty where none can be read",
    "value": "as it stands there, trimmed",
    "verdict": "one of the eight",
    "message": "the reason; another sentence where procps and systemd-sysctl disagree",
    "better": "a line to write instead; `null` where there is none",
}
SYSTEM = {
    "loader": "what reads the files at boot: `systemd` or `procps`",
    "files": "`path`, in the order in which they are read, and `masked_by`: the file of that name that is read instead",
    "winners": "one entry a key, by name",
}
WINNER = {
    "key": "dotted",
    "value": "what the host has after boot",
    "file": "of the line that sets it",
    "line": "its number",
    "overridden": "earlier lines for the key: `value`, `file`, `line`",
    "live": "what it is now; `null` where it is not there",
    "drifted": "whether that is another value",
    "other_loader": "`value`, `file`, `line` of the winner by the other loader; `null` where that sets the same",
}
SETTER = {"value": "what it sets", "file": "where", "line": "its number"}
EXPLAIN = {
    "schema": f"`{EXPLAIN_SCHEMA}`",
    "kind": "`setting`, `counter`, `state`, `verdict` or `finding`",
    "name": "the topic's own name",
    "summary": "one sentence",
    "sections": "the page",
}
SECTION = {
    "heading": "its title",
    "paragraphs": "running text",
    "facts": "pairs of name and value",
    "bullets": "items of a list",
    "table": "rows of cells, the titles first",
}


def page() -> str:
    """Every verdict, and every key."""
    rows = [
        (f"`{row.verdict}`", text(row.meaning), text(row.loader), text(row.fix), "1" if row.fails else "0")
        for row in VERDICTS.values()
    ]
    return page_of(
        "Verdicts of lint",
        "lastack.settings.lint.verdict and docs/generate/verdicts.py",
        _INTRODUCTION,
        table(["verdict", "meaning", "when the file is loaded", "`lint --fix`", "exit code"], rows),
        f"## JSON\n\n`lastack lint --json`\n\n{_keys(LINT)}",
        f"### Line\n\n{_keys(LINE)}",
        f"### With --system\n\n{_keys(SYSTEM)}",
        f"### Winner\n\n{_keys(WINNER)}",
        f"## JSON of explain\n\n`lastack explain --json`\n\n{_keys(EXPLAIN)}",
        f"### Section\n\n{_keys(SECTION)}",
    )


def _keys(meanings: dict[str, str]) -> str:
    return table(["key", "meaning"], [(f"`{key}`", meaning) for key, meaning in meanings.items()])
