"""What is said of topics, and of the lines of sysctl files."""

from docs.generate.printed.document import Document, keys
from lastack.cli.explain_report import SCHEMA as EXPLAIN_SCHEMA
from lastack.cli.explain_report import TOPICS
from lastack.cli.lint_report import SCHEMA as LINT_SCHEMA

__all__ = ["DOCUMENTS", "EXPLAIN", "LINE", "LINT", "SECTION", "SYSTEM", "WINNER"]

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
LINT = {
    "schema": f"`{LINT_SCHEMA}`",
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

TOPIC = {"kind": "`state`, `setting`, `counter`, `verdict` or `finding`", "name": "what `lastack explain` takes"}

DOCUMENTS = (
    Document(
        "explain",
        EXPLAIN_SCHEMA,
        "`lastack explain TOPIC --json`; of lines instead of a topic, the document of [lint](#lint)",
        (keys(EXPLAIN), f"### Section\n\n{keys(SECTION)}"),
    ),
    Document(
        "explain without a topic",
        TOPICS,
        "`lastack explain --json`",
        (keys({"schema": f"`{TOPICS}`", "topics": "all that there are pages about"}), f"### Topic\n\n{keys(TOPIC)}"),
    ),
    Document(
        "lint",
        LINT_SCHEMA,
        "`lastack lint --json`; [the verdicts](lint-verdicts.md)",
        (
            keys(LINT),
            f"### Line\n\n{keys(LINE)}",
            f"### With --system\n\nThese come after them.\n\n{keys(SYSTEM)}",
            f"### Winner\n\n{keys(WINNER)}",
        ),
    ),
)
