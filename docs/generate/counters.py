"""docs/reference/counters.md, from the table of counters."""

from docs.generate.markdown import page_of
from lastack.settings.counters.rows import COUNTERS
from lastack.settings.markdown import markdown
from lastack.settings.pages import counter_page

__all__ = ["page"]

_INTRODUCTION = """\
What each counts, and what a rise of it tells. All but the readings of sockstat and of the tracker count up from the
beginning of their namespace: look at differences.

No counter tells of a connect() that found no free local port, of the highest fill of an accept queue, or of a TIME_WAIT
that a new incoming connection replaced. TCPOrphanQueued, which pages on the web name, is in no kernel."""


def page() -> str:
    """Every counter."""
    pages = ["\n".join(markdown(counter_page(row), level=2)) for row in COUNTERS.values()]
    return page_of("Counters", "lastack.settings.counters", _INTRODUCTION, *pages)
