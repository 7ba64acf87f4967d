"""docs/README.md: every page by what it is for, from the pages' own titles."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from docs.generate.markdown import page_of

__all__ = ["page"]

_DOCS = Path(__file__).parents[1]
_INTRODUCTION = """\
What a command prints in these pages is what it printed: `make docs` runs every command on a real kernel, and the tests
fail where the output has changed. Only the host's name, the times and the like differ from yours."""
_PURPOSES = {
    "Learn it": ("tutorial.md",),
    "Get something done": ("how-to/*.md",),
    "Look something up": ("reference/*.md",),
    "Understand": ("explanation/*.md",),
    "Compare": ("benchmarks.md", "recipe.md"),
}


def page() -> str:
    """A list a purpose."""
    parts = ["\n".join([f"## {purpose}\n", *_links(patterns)]) for purpose, patterns in _PURPOSES.items()]
    return page_of("Documentation", "docs/generate/index.py and the pages' titles", _INTRODUCTION, *parts)


def _links(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from (f"- [{_title(path)}]({path.relative_to(_DOCS)})" for path in sorted(_DOCS.glob(pattern)))


def _title(path: Path) -> str:
    first, _, _ = path.read_text("utf-8").partition("\n")
    return first.removeprefix("# ")
