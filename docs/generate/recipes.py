"""docs/reference/lab-states.md, from the recipes of the lab."""

from docs.generate.markdown import page_of, table
from lastack.lab.cohorts import RECIPES

__all__ = ["page"]

_INTRODUCTION = """\
What `lastack lab build --state NAME[:KIND]=N` makes, and how. *Server* is the side whose census is made. The first
row of a state is what its bare name stands for. *Files*: how many each socket takes for as long as it is there, its
peer's included; the lab spreads them over as many processes as the limit on open files asks for."""


def page() -> str:
    """Every recipe: its steps in order, and what it costs."""
    rows = [(f"`{row.label}`", "; ".join(step.value for step in row.steps), str(row.held)) for row in RECIPES]
    columns = ["state and kind", "made by", "files"]
    return page_of("States that the lab makes", "lastack.lab.cohorts", _INTRODUCTION, table(columns, rows))
