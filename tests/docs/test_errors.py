"""Every error and every finding has its entry in the documentation."""

import importlib
import pkgutil
import re
from pathlib import Path

from docs.generate.errors import known, raised
from docs.generate.pages import REFERENCE

import lastack
from lastack.doctor.rules import RULES
from lastack.errors import LastackError


def headings(page: str, level: str) -> list[str]:
    """The headings of a page at a level, ``##`` say."""
    text = (REFERENCE / page).read_text("utf-8")
    return re.findall(rf"^{level} (.*)$", text, re.MULTILINE)


def test_every_error_is_documented_and_no_other() -> None:
    """Each slug that the source raises has a note, and each note is of one that it raises."""
    assert sorted(known()) == sorted(raised())
    assert sorted(headings("errors.md", "###")) == sorted(raised())


def test_no_class_of_errors_escapes_the_search() -> None:
    """Whatever class derives from LastackError anywhere in the package, its slugs were found."""
    for module in pkgutil.walk_packages(lastack.__path__, "lastack."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    slugs = set(raised())
    for kind in derived(LastackError):
        source = Path(importlib.import_module(kind.__module__).__file__ or "").read_text("utf-8")
        used = set(re.findall(rf'{kind.__name__}\(\s*"([a-z0-9-]+)"', source))
        assert used <= slugs, kind


def derived(kind: type[LastackError]) -> set[type[LastackError]]:
    """The class and all below it."""
    below: list[type[LastackError]] = kind.__subclasses__()
    return {kind}.union(*map(derived, below))


def test_every_finding_is_documented() -> None:
    """Each rule of the doctor has its section, by the id that JSON has."""
    assert headings("findings.md", "##") == [rule.id for rule in RULES]
