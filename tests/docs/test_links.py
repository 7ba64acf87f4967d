"""No link in the documentation leads nowhere."""

import re
from pathlib import Path

import pytest
from docs.sessions import ROOT, documents

# Relative links; those to the web are not asked for.
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)

# `make bench` writes it.
_WRITTEN_LATER = {ROOT / "docs/benchmarks.md"}


def anchors(page: Path) -> set[str]:
    """The headings of a page, as GitHub turns them into anchors."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Each relative link names a file that is there and, if it names a heading, one that the file has."""
    for target, anchor in _LINK.findall(_CODE.sub("", document.read_text("utf-8"))):
        page = (document.parent / target).resolve() if target else document
        assert page.exists() or page in _WRITTEN_LATER, f"{target}: there is no such file"
        assert not anchor or anchor in anchors(page), f"{target}#{anchor}: there is no such heading"


def test_every_page_is_linked() -> None:
    """Whoever begins at the README or at docs/README.md finds every page, the settings through their overview."""
    linked = {
        (document.parent / target).resolve()
        for document in documents()
        for target, _ in _LINK.findall(document.read_text("utf-8"))
    }
    pages = set((ROOT / "docs").rglob("*.md")) - {ROOT / "docs/README.md"}
    assert pages <= linked, pages - linked
