"""docs/reference/store.md, from the modules that define the format."""

import inspect
import textwrap
from types import ModuleType

from docs.generate.markdown import page_of, text
from lastack.store import frame, pack, schema

__all__ = ["page"]

_INTRODUCTION = f"""\
`lastack record` writes one SQLite file, which `sqlite3` and every other program that reads SQLite can open beside it.
This is version {schema.VERSION}; a newer version is refused, an older one will be read. What is in a table by its name
will stay there within a version; the packed bodies are better read with `lastack`, which unpacks them."""

_EXAMPLE = """\
## By hand

The sockets of each state over the last hour, a minute a row, without lastack:

```sh
sqlite3 -header store.db "SELECT datetime(at_ms / 1000, 'unixepoch') AS at, max(established), max(time_wait)
  FROM moment WHERE at_ms > 1000 * (unixepoch() - 3600) GROUP BY at_ms / 60000"
```"""


def page() -> str:
    """The format, as the modules describe it."""
    sections = (("The file", schema), ("A sample as a frame", frame), ("Packing", pack))
    parts = [f"## {title}\n\n{_prose(module)}" for title, module in sections]
    return page_of(
        "Stores", "lastack.store", _INTRODUCTION, *parts, f"## Tables\n\n```sql\n{schema.TABLES.strip()}\n```", _EXAMPLE
    )


def _prose(module: ModuleType) -> str:
    """A module's text: its indented blocks as code, its prose as Markdown."""
    paragraphs = (inspect.getdoc(module) or "").split("\n\n")
    return "\n\n".join(
        f"```text\n{textwrap.dedent(part)}\n```" if part.startswith("    ") else text(part) for part in paragraphs
    )
