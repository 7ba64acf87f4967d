"""docs/reference/settings.md and a page a family below it, from the catalogue of settings."""

from collections.abc import Callable
from functools import partial
from itertools import groupby

from docs.generate.markdown import page_of, table, text
from lastack.settings.catalogue.row import Family, Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.markdown import markdown
from lastack.settings.pages import setting_page

__all__ = ["FAMILY_PAGES", "page"]

_FAMILIES = {family: list(rows) for family, rows in groupby(SETTINGS.values(), key=lambda row: row.family)}
_INTRODUCTION = f"""\
The {len(SETTINGS)} settings that bear on opening, queueing, closing, reusing, keeping alive, resetting or tracking a
TCP connection. `lastack explain NAME` shows the same, with what the setting is on your host; `lastack lint` judges
files by them. A default is that of current kernels; "computed": by the machine's memory."""


def page() -> str:
    """Every setting with its default, linked to its own words."""
    parts = [f"## {family.capitalize()}\n\n{_overview(family, rows)}" for family, rows in _FAMILIES.items()]
    return page_of("Settings", "lastack.settings.catalogue", _INTRODUCTION, *parts)


def _overview(family: Family, rows: list[Setting]) -> str:
    return table(
        ["setting", "default", "per namespace", "what it is"],
        [(_link(family, row), _default(row), row.namespaced or "no", text(row.summary)) for row in rows],
    )


def _link(family: Family, row: Setting) -> str:
    """To the heading, as GitHub names its anchor."""
    return f"[{row.key}](settings/{_slug(family)}.md#{row.key.replace('.', '')})"


def _default(row: Setting) -> str:
    if row.removed:
        return f"gone since {row.removed}"
    return row.default_now or ("computed" if row.derived else "empty")


def _family(family: Family) -> str:
    pages = ["\n".join(markdown(setting_page(row), level=2)) for row in _FAMILIES[family]]
    return page_of(f"Settings: {family}", "lastack.settings.catalogue", *pages)


def _slug(family: Family) -> str:
    return family.replace(" ", "-")


FAMILY_PAGES: dict[str, Callable[[], str]] = {
    f"settings/{_slug(family)}.md": partial(_family, family) for family in _FAMILIES
}
