"""What the terminal shows of a moment, as rows of text. Pure; the app only lays it out.

Names from the host are made harmless here, and are never read as markup.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lastack.cli.draw import plain, sparkline
from lastack.doctor.diagnosis import Diagnosis, diagnose
from lastack.doctor.verdicts import Finding, Remedy
from lastack.model.edges import EdgeFlow, edge_flows
from lastack.model.flow import Moment
from lastack.model.model import Model
from lastack.tcp.states import NAMES
from lastack.tui.timeline import HISTORY, counts

__all__ = ["DESTINATIONS", "LISTENERS", "STATES", "Column", "Table", "View", "view"]

_RARE = {"CLOSE", "BOUND_INACTIVE"}
_MARKS = {"counted": "", "together": "", "at-least": ">=", "at-most": "<=", "untold": ""}

Cell = str | int | float | None


class Column(NamedTuple):
    """A column: its heading; whether the largest come first where it is sorted by; numbers stand to the right."""

    heading: str
    largest_first: bool = False
    number: bool = True


class Table(NamedTuple):
    """Rows of cells. A cell is what is shown, and what it is sorted by."""

    columns: tuple[Column, ...]
    rows: list[list[tuple[str, Cell]]]

    def arranged(self, by: int, wanted: str) -> list[list[str]]:
        """The rows that have the wanted text in them, by a column; -1: as they come. Unknown values are last."""
        rows = [row for row in self.rows if wanted.lower() in " ".join(shown for shown, _ in row).lower()]
        if by >= 0:
            sign = -1 if self.columns[by].largest_first else 1
            rows.sort(key=lambda row: _order(row[by][1], sign))
        return [[shown for shown, _ in row] for row in rows]


def _order(cell: Cell, sign: int) -> tuple[bool, float, str]:
    """Numbers by size, texts by letter, what is not known behind them."""
    if cell is None or isinstance(cell, str):
        return cell is None, 0.0, cell or ""
    return False, sign * cell, ""


_MOST = {"largest_first": True}
_TEXT = {"number": False}
STATES = (
    Column("state", **_TEXT),
    Column("sockets", **_MOST),
    Column("in/s", **_MOST),
    Column("change/s", **_MOST),
    Column("history", **_TEXT),
)
DESTINATIONS = (
    Column("local > remote:port", **_TEXT),
    Column("in use", **_MOST),
    Column("TIME_WAIT", **_MOST),
    Column("left"),
    Column("opened/s", **_MOST),
    Column("ends in s"),
)
LISTENERS = (
    Column("address:port", **_TEXT),
    Column("waiting", **_MOST),
    Column("room"),
    Column("half open", **_MOST),
    Column("process", **_TEXT),
)


class View(NamedTuple):
    """One moment.

    Attributes:
        title: host, time, sockets, namespace, in one line.
        taken_at: RFC 3339, UTC.
        states: the table of states.
        closes: the last minute as 60 characters.
        closed: how many closes they are.
        verdict: one line.
        findings: id to its paragraphs.
        destinations: the table of destinations.
        listeners: the table of listeners.
    """

    title: str
    taken_at: str
    states: Table
    closes: str
    closed: int
    verdict: str
    findings: dict[str, list[str]]
    destinations: Table
    listeners: Table


def view(moment: Moment, history: Sequence[dict[str, int]]) -> View:
    """Everything that is shown.

    Raises:
        InputError: ``malformed-sample``, ``malformed-setting``.
    """
    model = Model.of(moment.sample, moment.earlier)
    diagnosis = diagnose(model)
    return View(
        title=plain(f"{model.host}  {model.taken_at}  {model.total:,} sockets  {model.netns}"),
        taken_at=model.taken_at,
        states=Table(STATES, _states(model, moment, history)),
        closes=sparkline(model.time_wait.closes),
        closed=sum(model.time_wait.closes),
        verdict=plain(_verdict(diagnosis)),
        findings={one.id: [plain(line) for line in _finding(one)] for one in diagnosis.findings},
        destinations=Table(DESTINATIONS, _destinations(model)),
        listeners=Table(LISTENERS, _listeners(model)),
    )


def _states(model: Model, moment: Moment, history: Sequence[dict[str, int]]) -> list[list[tuple[str, Cell]]]:
    flows = edge_flows(moment.sample, moment.earlier)
    before = counts(moment.earlier) if moment.earlier is not None and model.change is not None else None
    rows: list[list[tuple[str, Cell]]] = []
    for name in NAMES:
        count = model.states.get(name, 0)
        if name in _RARE and not count:
            continue
        change = None
        if before is not None and model.change is not None:
            change = (count - before.get(name, 0)) / model.change.interval_s
        line = _drawn([one.get(name, 0) for one in history][-HISTORY:])
        rows.append([(name, name), (f"{count:,}", count), _inflow(name, flows), _rate(change, "+"), (line, None)])
    return rows


def _drawn(values: Sequence[int]) -> str:
    """A sparkline that begins at the least value, or at nine tenths of the most: a tenth more or less is seen."""
    base = min(min(values, default=0), max(values, default=0) * 9 // 10)
    return sparkline([value - base for value in values])


def _inflow(state: str, flows: Sequence[EdgeFlow]) -> tuple[str, Cell]:
    """Connections that enter a state a second, as far as that is known."""
    into = [one for one in flows if one.id.endswith(f"-{state}")]
    told = [one for one in into if one.per_s is not None]
    if not told:
        return "", None
    together = [one for one in told if one.known == "together"]
    rate = sum(one.per_s or 0.0 for one in (together[:1] or told))
    bounds = {_MARKS[one.known] for one in told} - {""}
    mark = ">=" if len(told) < len(into) and not bounds else bounds.pop() if len(bounds) == 1 else "~" if bounds else ""
    return f"{mark}{rate:,.1f}", rate


def _rate(value: float | None, sign: str = "") -> tuple[str, Cell]:
    return ("", None) if value is None else (f"{value:{sign},.1f}", value)


def _whole(value: int | None) -> tuple[str, Cell]:
    return ("", None) if value is None else (f"{value:,}", value)


def _text(value: str | None) -> tuple[str, Cell]:
    shown = plain(value or "")
    return shown, shown


def _destinations(model: Model) -> list[list[tuple[str, Cell]]]:
    return [
        [
            _text(one.label),
            _whole(one.in_use),
            _whole(one.time_wait),
            _whole(None if one.outlook is None else one.outlook.headroom),
            _rate(one.opens_per_s),
            _whole(None if one.outlook is None else one.outlook.exhausted_in_s),
        ]
        for one in model.destinations
    ]


def _listeners(model: Model) -> list[list[tuple[str, Cell]]]:
    half_open = {(one.address, one.port): one.half_open for one in model.syn_queues}
    return [
        [
            _text(one.label),
            _whole(one.queue),
            _whole(one.capacity),
            _whole(half_open.get((one.address, one.port), 0)),
            _text(one.process),
        ]
        for one in model.accept_queues
    ]


def _verdict(diagnosis: Diagnosis) -> str:
    unknown = f"; {len(diagnosis.unknown)} cannot be told" if diagnosis.unknown else ""
    if not diagnosis.findings:
        return f"nothing wrong in sight{unknown}"
    return "; ".join(f"{one.severity.upper()} {one.id}" for one in diagnosis.findings) + unknown


def _finding(one: Finding) -> list[str]:
    remedies = [line for number, remedy in enumerate(one.remedies, 1) for line in _remedy(number, remedy)]
    return [f"{one.severity.upper()} {one.id} (confidence: {one.confidence})", one.summary, one.cause, *remedies]


def _remedy(number: int, remedy: Remedy) -> list[str]:
    """What to do, the lines to write, and where their project says so."""
    change = f"{remedy.key} = {remedy.value}. " if remedy.key else ""
    source = [f"   {remedy.source}"] if remedy.source else []
    return [f"{number}. [{remedy.kind}] {change}{remedy.text}", *(f"     {line}" for line in remedy.lines), *source]
