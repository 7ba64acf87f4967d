"""docs/reference/json.md: the keys of what ``--json`` prints."""

from docs.generate.markdown import page_of, table
from docs.generate.printed import census, changes, doctor, fleet, forecast, lab, live, rollout, settings, trace
from docs.generate.printed.document import Document
from docs.generate.structures import anchor

__all__ = ["DOCUMENTS", "page"]

_INTRODUCTION = """\
One document on one line. Names are snake_case with their unit at the end (`_s`, `_us`, `_bytes`, `_per_s`), times RFC
3339 in UTC. `schema` names the format and its version, which goes up when a key changes its meaning or goes away, not
when keys are added: pass over keys that you do not know."""

# In the order of the commands.
DOCUMENTS = (
    *census.DOCUMENTS,
    *doctor.DOCUMENTS,
    *live.DOCUMENTS,
    *settings.DOCUMENTS,
    *changes.DOCUMENTS,
    *lab.DOCUMENTS,
    *fleet.DOCUMENTS,
    *rollout.DOCUMENTS,
    *forecast.DOCUMENTS,
    *trace.DOCUMENTS,
)


def page() -> str:
    """Every key of every document."""
    overview = [(f"`{one.schema}`", f"[{one.title}](#{anchor(one.title)})") for one in DOCUMENTS]
    return page_of(
        "JSON",
        "docs/generate/printed and the structures that are printed",
        _INTRODUCTION,
        table(["schema", "section"], overview),
        *map(_section, DOCUMENTS),
    )


def _section(one: Document) -> str:
    return "\n\n".join([f"## {one.title}", one.command, *one.parts])
