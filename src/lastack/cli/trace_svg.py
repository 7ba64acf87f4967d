"""A connection drawn as SVG: what ``trace_diagram`` draws with characters."""

from datetime import UTC, datetime
from html import escape

from lastack.cli.trace_diagram import words
from lastack.cli.trace_report import duration_text, endpoint_text
from lastack.tcp.lifecycle import Lifecycle
from lastack.tcp.sequence import Row, Sequence, Wait, from_states

__all__ = ["svg"]

_SECOND = 1_000_000_000
_WIDTH, _LEFT, _RIGHT = 880, 250, 690
_TOP, _STEP, _SLOPE, _BAR = 64, 34, 10, 60

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.t{font-family:ui-monospace,monospace;fill:#666}"
    ".s{font-weight:600}.p{stroke:#888}.a{stroke:#1a5fb4;stroke-width:1.5}.r{stroke:#c01c28;stroke-width:1.5}"
    ".w{fill:#f6d32d;stroke:#b58900}"
)
_HEAD = (
    '<defs><marker id="h" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
    '<path d="M0 0L9 4L0 8z" fill="context-stroke"/></marker></defs>'
)


def svg(lifecycle: Lifecycle, sequence: Sequence | None = None) -> str:
    """The drawing, a document of its own."""
    sequence = sequence or from_states(lifecycle)
    foot = _TOP + _STEP * len(sequence.rows) + _BAR * bool(sequence.waits) + 20
    orig, resp = endpoint_text(*lifecycle.orig), endpoint_text(*lifecycle.resp)
    title = f"{orig} to {resp}: {lifecycle.outcome.handshake}, {lifecycle.outcome.teardown or 'closed'}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {foot}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>{_HEAD}",
        f'<rect width="{_WIDTH}" height="{foot}" fill="#fff"/>',
        _text(_LEFT, 22, f"client {orig}", "s", "middle"),
        _text(_RIGHT, 22, f"server {resp}", "s", "middle"),
        *(_line(x, 34, x, foot - 12, "p") for x in (_LEFT, _RIGHT)),
    ]
    before = Row(0, "", "")
    for number, row in enumerate(sequence.rows):
        parts += _row(row, before, _TOP + _STEP * number, lifecycle.first)
        before = row
    parts += [part for wait in sequence.waits for part in _wait(wait, _TOP + _STEP * len(sequence.rows))]
    return "\n".join([*parts, "</svg>"])


def _row(row: Row, before: Row, y: int, first: int) -> list[str]:
    parts = [_text(10, y + 4, f"{(row.time - first) / _SECOND:.6f}", "t")]
    if row.orig_state != before.orig_state:
        parts.append(_text(_LEFT - 12, y + 4, row.orig_state, "s", "end"))
    if row.resp_state != before.resp_state:
        parts.append(_text(_RIGHT + 12, y + 4, row.resp_state, "s"))
    middle = (_LEFT + _RIGHT) // 2
    if row.arrow is None:
        return [*parts, _text(middle, y + 4, row.note, "t", "middle")]
    begin, end = (_LEFT, _RIGHT) if row.arrow.rightward else (_RIGHT, _LEFT)
    look = "r" if "RST" in row.arrow.flags or row.arrow.again else "a"
    label = words(row.arrow) + (f", {row.note}" if row.note else "")
    return [*parts, _line(begin, y, end, y + _SLOPE, look, head=True), _text(middle, y - 3, label, "", "middle")]


def _wait(wait: Wait, y: int) -> list[str]:
    x = _LEFT if wait.side == "orig" else _RIGHT
    until = datetime.fromtimestamp(wait.end / _SECOND, UTC)
    label = f"TIME_WAIT {duration_text(wait.end - wait.begin)}, until {until:%H:%M:%S}"
    side, anchor = (x - 14, "end") if wait.side == "orig" else (x + 14, "start")
    return [
        f'<rect class="w" x="{x - 6}" y="{y - 10}" width="12" height="{_BAR}"/>',
        _text(side, y + _BAR // 2 - 6, label, "s", anchor),
    ]


def _text(x: int, y: int, text: str, look: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" class="{look}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: int, y1: int, x2: int, y2: int, look: str, *, head: bool = False) -> str:
    end = ' marker-end="url(#h)"' if head else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{look}"{end}/>'
