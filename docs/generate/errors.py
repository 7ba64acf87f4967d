"""docs/reference/errors.md, from the slugs in the source and the notes on each."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from docs.generate import notes
from docs.generate.markdown import page_of, summary
from lastack import errors
from lastack.errors import LastackError

__all__ = ["known", "page", "raised"]

_SOURCE = Path(__file__).parents[2] / "src/lastack"
_INTRODUCTION = """\
An error is one line on stderr that says what went wrong and where, and often a `hint:` line that says what to do next.
Each is one of these."""


def page() -> str:
    """Every error, by exit code."""
    noted = known()
    classes: dict[type[LastackError], list[str]] = {}
    for slug, kind in sorted(raised().items()):
        classes.setdefault(kind, []).append(slug)
    parts = []
    for kind in sorted(classes, key=lambda one: (one.exit_code, one.__name__)):
        parts.append(f"## Exit code {kind.exit_code}: {kind.__name__}\n\n{summary(kind)}")
        parts += [_entry(slug, noted[slug]) for slug in classes[kind] if slug in noted]
    return page_of("Errors", "the source and docs/generate/notes", _INTRODUCTION, *parts)


def _entry(slug: str, note: notes.Note) -> str:
    return f"### {slug}\n\n{note.cause}\n\n*What to do:* {note.remedy}"


def known() -> dict[str, notes.Note]:
    """Every note, by slug."""
    areas = (import_module(f"{notes.__name__}.{module.name}").NOTES for module in iter_modules(notes.__path__))
    return {slug: note for area in areas for slug, note in area.items()}


def raised() -> dict[str, type[LastackError]]:
    """Every slug that the source raises, with the public class that it comes as."""
    found: dict[str, type[LastackError]] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        for slug, kind in _slugs(ast.parse(path.read_text("utf-8"))):
            found[slug] = kind if slug not in found or issubclass(found[slug], kind) else found[slug]
    return found


def _slugs(module: ast.Module) -> Iterator[tuple[str, type[LastackError]]]:
    """Of ``InputError("slug", ...)``, and of ``super().__init__("slug", ...)`` in a class derived from one."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and (kind := _public(*node.bases)):
            yield from ((slug, kind) for call in ast.walk(node) if _is_super(call) for slug in _first(call))
        if isinstance(node, ast.Call) and (kind := _public(node.func)):
            yield from ((slug, kind) for slug in _first(node))


def _public(*names: ast.expr) -> type[LastackError] | None:
    found = [getattr(errors, name.id, None) for name in names if isinstance(name, ast.Name)]
    return next((one for one in found if isinstance(one, type) and issubclass(one, LastackError)), None)


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"


def _first(call: ast.AST) -> Iterator[str]:
    """The slug, which is always a literal: so that it can be searched for."""
    assert isinstance(call, ast.Call)
    if call.args:
        slug = ast.literal_eval(call.args[0])
        assert isinstance(slug, str)
        yield slug
