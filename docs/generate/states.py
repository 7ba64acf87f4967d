"""docs/reference/states.md, from the table of states."""

from docs.generate.markdown import page_of
from lastack.settings.markdown import markdown
from lastack.settings.pages import state_page
from lastack.settings.states.rows import STATE_GUIDES

__all__ = ["page"]

_INTRODUCTION = """\
What puts a socket into each state, what takes it out, after how long, and whose move it is."""


def page() -> str:
    """Every state."""
    pages = ["\n".join(markdown(state_page(row), level=2)) for row in STATE_GUIDES.values()]
    return page_of("States", "lastack.settings.states", _INTRODUCTION, *pages)
