"""The file as it should be: lines that must not stay are replaced or commented out, each with its reason above it.

Everything else stays byte for byte: comments, blank lines, what is unknown and not plainly misspelt, and lines that
do nothing but no harm either. To fix a fixed file changes nothing.
"""

from collections.abc import Callable, Sequence
from itertools import count

from lastack.settings.lint.judge import Judged, judge, read_files
from lastack.settings.lint.scene import View
from lastack.settings.sysctld.grammar import parse

__all__ = ["fix"]

_NOTE = "# lastack:"
_WRONG = frozenset(("removed", "out-of-range", "hazard", "malformed"))
# What replaces a line may have to be replaced again: a shell command by its setting, a misspelt key by the right one,
# its value by a better one. After so many rounds lines are only commented out, which comes to an end.
_REPLACING_ROUNDS = 4


def fix(content: bytes, view: View) -> bytes:
    """The content of a file as it should be for that host; the content itself where nothing has to change."""
    for at in count():
        # The numbers of its lines change while it is being fixed, so its messages name none.
        judged = judge([entry._replace(where="another line") for entry in read_files([("", content)])], view)
        wanted = _lines(judged, _is_wrong) or _lines(judged, _is_overridden)
        if not wanted:
            break
        content = _changed(content, wanted, replacing=at < _REPLACING_ROUNDS)
    return content


def _is_wrong(item: Judged) -> bool:
    return item.verdict in _WRONG or (item.verdict == "unknown" and item.better is not None)


def _is_overridden(item: Judged) -> bool:
    return item.verdict == "overridden"


def _lines(judged: Sequence[Judged], wanted: Callable[[Judged], bool]) -> dict[int, Judged]:
    return {item.line: item for item in judged if wanted(item)}


def _changed(content: bytes, wanted: dict[int, Judged], *, replacing: bool) -> bytes:
    rows: list[str] = []
    for line in parse(content):
        if line.number in wanted:
            rows += _instead(line.text, wanted[line.number], replacing=replacing)
        else:
            rows.append(line.text)
    text = "\n".join(rows) + ("\n" if content.endswith(b"\n") else "")
    return text.encode("utf-8", "surrogateescape")


def _instead(text: str, item: Judged, *, replacing: bool) -> list[str]:
    ending = "\r" if text.endswith("\r") else ""
    rows = [f"{_NOTE} {item.verdict}: {item.message}{ending}", f"# {text}"]
    if replacing and item.better is not None:
        rows.append(f"{item.better}{ending}")
    return rows
