"""docs/reference/lint-verdicts.md: the verdicts of lint."""

from docs.generate.markdown import page_of, table, text
from lastack.settings.lint.verdict import VERDICTS

__all__ = ["page"]

_INTRODUCTION = """\
Each line of a sysctl file gets one verdict, with its reason. `lastack lint` exits with 1 where some line must not stay
as it is. [What `--json` prints](json.md#lint) has them too."""


def page() -> str:
    """Every verdict."""
    rows = [
        (f"`{row.verdict}`", text(row.meaning), text(row.loader), text(row.fix), "1" if row.fails else "0")
        for row in VERDICTS.values()
    ]
    return page_of(
        "Verdicts of lint",
        "lastack.settings.lint.verdict and docs/generate/verdicts.py",
        _INTRODUCTION,
        table(["verdict", "meaning", "when the file is loaded", "`lint --fix`", "exit code"], rows),
    )
