"""Which pages are generated, and how they differ from what is committed."""

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

from docs.generate import (
    commands,
    counters,
    dimensions,
    documents,
    errors,
    findings,
    settings,
    snapshot,
    states,
    transitions,
    verdicts,
)

__all__ = ["PAGES", "REFERENCE", "drift"]

REFERENCE = Path(__file__).parents[1] / "reference"

# One row a page: its file below docs/reference, and what makes its text.
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "counters.md": counters.page,
    "dimensions.md": dimensions.page,
    "errors.md": errors.page,
    "findings.md": findings.page,
    "json.md": documents.page,
    "lint-verdicts.md": verdicts.page,
    "settings.md": settings.page,
    **settings.FAMILY_PAGES,
    "snapshot.md": snapshot.page,
    "state-machine.md": transitions.page,
    "states.md": states.page,
}


def drift(name: str) -> str:
    """How the committed page differs from what its table says now, as a unified diff; empty if it does not."""
    path = REFERENCE / name
    committed = path.read_text("utf-8") if path.exists() else ""
    before, now = (text.splitlines(keepends=True) for text in (committed, PAGES[name]()))
    return "".join(unified_diff(before, now, f"docs/reference/{name}", "the tables"))
