"""A connection drawn with characters: the originator left, the responder right, time downwards."""

import sys
from datetime import UTC, datetime
from typing import NamedTuple

from lastack.cli.trace_report import endpoint_text
from lastack.tcp.lifecycle import Lifecycle
from lastack.tcp.sequence import Arrow, Row, Sequence, Wait, from_states

__all__ = ["text", "words"]

_SECOND = 1_000_000_000
_STATE, _BETWEEN = 12, 52
_BAR = 20


class _Signs(NamedTuple):
    line: str
    right: str
    left: str
    pole: str
    block: str


# The second stands in where stdout cannot print the first.
_DRAWN, _ASCII = _Signs("─", "▶", "◀", "│", "▒"), _Signs("-", ">", "<", "|", "#")


def _signs() -> _Signs:
    try:
        "".join(_DRAWN).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return _ASCII
    return _DRAWN


def text(lifecycle: Lifecycle, sequence: Sequence | None = None) -> str:
    """The drawing, several lines and an empty one; without a sequence, of what its states tell."""
    sequence = sequence or from_states(lifecycle)
    orig, resp = endpoint_text(*lifecycle.orig), endpoint_text(*lifecycle.resp)
    names = [f" [{name}]" if name else "" for name in (lifecycle.orig_process, lifecycle.resp_process)]
    width = len("  0.000000  ") + _STATE
    head = f"{f'client {orig}{names[0]}':<{width + 2 + _BETWEEN // 2}}{f'server {resp}{names[1]}':>{_BETWEEN // 2}}"
    lines = [head.rstrip()]
    lines += [_line(row, lifecycle.first) for row in sequence.rows]
    lines += [_bar(wait, sequence.rows[-1], lifecycle.first) for wait in sequence.waits]
    return "\n".join([*lines, ""])


def _line(row: Row, first: int) -> str:
    pole = _signs().pole
    inside = _drawn(row.arrow, row.note) if row.arrow else row.note.center(_BETWEEN)
    return _columns(f"{(row.time - first) / _SECOND:10.6f}", row.orig_state, f"{pole}{inside}{pole}", row.resp_state)


def _columns(time: str, left: str, middle: str, right: str) -> str:
    return f"{time}  {left:<{_STATE}}{middle} {right}".rstrip()


def _drawn(arrow: Arrow, note: str) -> str:
    line, right, left, *_ = _signs()
    label = f" {words(arrow)}{f', {note}' if note else ''} "
    room = max(_BETWEEN - len(label) - 3, 0)
    if arrow.rightward:
        return f"{line * 2}{label}{line * room}{right}"
    return f"{left}{line * room}{label}{line * 2}"


def words(arrow: Arrow) -> str:
    """What a segment says.

    >>> words(Arrow(True, ("SYN", "ACK"), 0, 1, 0, True))
    'SYN ACK seq 0 ack 1, again'
    """
    ack = "" if arrow.ack is None else f" ack {arrow.ack}"
    octets = f", {arrow.payload:,} octets" if arrow.payload else ""
    return f"{' '.join(arrow.flags) or 'no flags'} seq {arrow.seq}{ack}{octets}{', again' if arrow.again else ''}"


def _bar(wait: Wait, last: Row, first: int) -> str:
    *_, pole, block = _signs()
    seconds = (wait.end - wait.begin) / _SECOND
    until = datetime.fromtimestamp(wait.end / _SECOND, UTC)
    bar = f"{block * _BAR} {seconds:.3g} s, until {until:%H:%M:%S}"
    inside = bar.ljust(_BETWEEN) if wait.side == "orig" else bar.rjust(_BETWEEN)
    states = ("TIME_WAIT", last.resp_state) if wait.side == "orig" else (last.orig_state, "TIME_WAIT")
    return _columns(f"{(wait.end - first) / _SECOND:10.6f}", states[0], f"{pole}{inside}{pole}", states[1])
