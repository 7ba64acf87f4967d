"""Which pages are generated, and how they differ from what is committed."""

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

from docs.generate import (
    applications,
    claims,
    commands,
    counters,
    dimensions,
    documents,
    errors,
    findings,
    index,
    metrics,
    picture,
    recipes,
    settings,
    snapshot,
    states,
    store,
    transitions,
    verdicts,
    workloads,
)

__all__ = ["PAGES", "REFERENCE", "drift"]

REFERENCE = Path(__file__).parents[1] / "reference"

# One row a page: its file below docs/reference, and what makes its text.
PAGES: dict[str, Callable[[], str]] = {
    "applications.md": applications.page,
    "claims.md": claims.page,
    "commands.md": commands.page,
    "counters.md": counters.page,
    "dimensions.md": dimensions.page,
    "doctor.svg": picture.page,
    "errors.md": errors.page,
    "findings.md": findings.page,
    "json.md": documents.page,
    "lab-states.md": recipes.page,
    "lint-verdicts.md": verdicts.page,
    "metrics.md": metrics.page,
    "settings.md": settings.page,
    **settings.FAMILY_PAGES,
    "snapshot.md": snapshot.page,
    "state-machine.md": transitions.page,
    "states.md": states.page,
    "store.md": store.page,
    "workloads.md": workloads.page,
    "../README.md": index.page,  # the last: it names all others
}


def drift(name: str) -> str:
    """How the committed page differs from what its table says now, as a unified diff; empty if it does not."""
    path = REFERENCE / name
    committed = path.read_text("utf-8") if path.exists() else ""
    before, now = (text.splitlines(keepends=True) for text in (committed, PAGES[name]()))
    return "".join(unified_diff(before, now, f"docs/reference/{name}", "the tables"))
