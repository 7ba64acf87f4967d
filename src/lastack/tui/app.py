"""The terminal view, laid out by textual: states on top, one table below; on a tall terminal, all of them."""

from collections import deque
from typing import ClassVar, Literal

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import DataTable, Footer, Input, Static

from lastack.errors import LastackError
from lastack.tui.timeline import Timeline
from lastack.tui.view import DESTINATIONS, LISTENERS, STATES, Column, Table, View, view

__all__ = ["Watch"]

_EVENTS = 100
_LEAP = 60


class Watch(App[None]):
    """One timeline, live or recorded.

    Args:
        timeline: to look at.
        every_s: from one look to the next.
        live: whether it is the kernel; a recording begins frozen.
    """

    CSS = """
    Screen { layout: vertical; }
    #title { height: 1; text-style: bold; }
    #states { height: auto; max-height: 13; }
    #closes, #verdict { height: 1; }
    #verdict { text-style: bold; }
    .pane { height: 1fr; display: none; }
    .pane.chosen, .-tall .pane { display: block; }
    .pane > Static, #filter { height: 1; border: none; }
    .pane > Static { text-style: underline; }
    .pane > #findings { height: auto; text-style: none; }
    #filter { display: none; }
    #filter.open { display: block; }
    DataTable { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    DataTable > .datatable--header { text-style: bold; }
    """
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - as textual declares it
        (0, "-short"),
        (45, "-tall"),
    ]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "freeze", "hold"),
        Binding("left", "step(-1)", "step", key_display="←→", priority=True),
        Binding("right", "step(1)", "", show=False, priority=True),
        Binding("shift+left", f"step(-{_LEAP})", "", show=False, priority=True),
        Binding("shift+right", f"step({_LEAP})", "", show=False, priority=True),
        Binding("d", "choose('destinations')", "destinations"),
        Binding("l", "choose('listeners')", "listeners"),
        Binding("f", "choose('findings')", "findings"),
        Binding("s", "sort", "sort"),
        Binding("slash", "filter", "filter"),
        Binding("escape", "unfilter", "", show=False),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, timeline: Timeline, every_s: float, *, live: bool) -> None:
        super().__init__()
        self._timeline = timeline
        self._every_s = every_s
        self._live = live
        self._frozen = not live
        self._wanted = ""
        self._sorted = {"states": -1, "destinations": -1, "listeners": -1}
        self._found: set[str] = set()
        self._events: deque[str] = deque(maxlen=_EVENTS)
        self._view: View | None = None

    def compose(self) -> ComposeResult:
        """The widgets."""
        yield Static(id="title", markup=False)
        yield _table("states", STATES)
        yield Static(id="closes", markup=False)
        yield Static(id="verdict", markup=False)
        yield Input(id="filter", placeholder="show rows with this text; Enter keeps it, Escape shows all")
        for name, columns in (("destinations", DESTINATIONS), ("listeners", LISTENERS)):
            with Vertical(id=f"{name}-pane", classes="pane"):
                yield Static(name, markup=False)
                yield _table(name, columns)
        with VerticalScroll(id="findings-pane", classes="pane"):
            yield Static("findings", markup=False)
            yield Static(id="findings", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the first sample, and go on from there."""
        self.action_choose("destinations")
        self.query_one("#states").focus()
        self.refresh_view()
        self.set_interval(self._every_s, self._tick)

    def _tick(self) -> None:
        if self._frozen or not self.query("#title"):  # the latter on its way out
            return
        try:
            self._timeline.tick()
        except LastackError as error:
            self._show("title", error.message)
            return
        self.refresh_view()

    def refresh_view(self) -> None:
        """Show what is looked at."""
        try:
            found = view(self._timeline.moment(), self._timeline.history())
        except LastackError as error:
            self._show("title", error.message)
            return
        self._note(found)
        self._view = found
        self._show("title", f"{self._mode()}  {found.title}")
        self._show("closes", f"closes {found.closed:>9,} |{found.closes}|")
        self._show("verdict", found.verdict)
        self._fill("states", found.states, "")
        self._fill("destinations", found.destinations, self._wanted)
        self._fill("listeners", found.listeners, self._wanted)
        self._show("findings", "\n".join(self._finding_lines(found)))

    def _mode(self) -> str:
        behind = self._timeline.behind
        where = "LIVE" if self._live else "RECORDING"
        if self._live and behind:
            where = f"{behind} BACK"
        return f"{where} (frozen)" if self._frozen else where

    def _note(self, found: View) -> None:
        """Which findings came and went since the last look."""
        at = found.taken_at[11:19]
        for mark, ids in (("came", found.findings.keys() - self._found), ("went", self._found - found.findings.keys())):
            self._events.extend(f"{at} {one} {mark}" for one in sorted(ids))
        self._found = set(found.findings)

    def _finding_lines(self, found: View) -> list[str]:
        lines = [line for finding in found.findings.values() for line in finding]
        return [*(lines or [found.verdict]), "", *reversed(self._events)]

    def _show(self, name: str, text: str) -> None:
        self.query_one(f"#{name}", Static).update(text)

    def _fill(self, name: str, table: Table, wanted: str) -> None:
        """The rows anew; cursor and place stay."""
        widget = self.query_one(f"#{name}", DataTable)
        cursor, scroll = widget.cursor_row, widget.scroll_y
        widget.clear()
        for row in table.arranged(self._sorted[name], wanted):
            cells = zip(row, table.columns, strict=True)
            widget.add_row(*(Text(cell, justify=_side(column)) for cell, column in cells))
        if widget.row_count:
            widget.move_cursor(row=min(cursor, widget.row_count - 1), scroll=False)
        widget.scroll_to(y=scroll, animate=False)

    def action_freeze(self) -> None:
        """Stand still, or go on; live, from now."""
        self._frozen = not self._frozen
        if self._live and not self._frozen:
            self._timeline.step(self._timeline.behind)
        self.refresh_view()

    def action_step(self, by: int) -> None:
        """Look at another sample, and stand still there."""
        self._frozen = True
        self._timeline.step(by)
        self.refresh_view()

    def action_choose(self, name: str) -> None:
        """Which table is below the states."""
        for pane in self.query(".pane"):
            pane.set_class(pane.id == f"{name}-pane", "chosen")
        target = self.query_one("#findings-pane" if name == "findings" else f"#{name}")
        target.focus()

    def action_sort(self) -> None:
        """By the next column of the table that has the focus; after the last, as they come."""
        name = self.focused.id if self.focused is not None else None
        if name not in self._sorted or self._view is None:
            return
        columns = getattr(self._view, name).columns
        self._sorted[name] = by = -1 if self._sorted[name] + 2 > len(columns) else self._sorted[name] + 1
        widget = self.query_one(f"#{name}", DataTable)
        for at, (column, heading) in enumerate(zip(columns, widget.ordered_columns, strict=True)):
            heading.label = Text(f"{column.heading}{'*' if at == by else ''}", justify=_side(column))
        self.refresh_view()

    def action_filter(self) -> None:
        """Ask for a text."""
        asked = self.query_one("#filter", Input)
        asked.add_class("open")
        asked.focus()

    def action_unfilter(self) -> None:
        """Show all again."""
        asked = self.query_one("#filter", Input)
        asked.value = self._wanted = ""
        asked.remove_class("open")
        self.refresh_view()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        self._wanted = event.value
        self.refresh_view()

    def on_input_submitted(self) -> None:
        """Back to the table."""
        chosen = self.query_one(".pane.chosen")
        (chosen.query(DataTable).first() if chosen.query(DataTable) else chosen).focus()


def _side(column: Column) -> Literal["left", "right"]:
    return "right" if column.number else "left"


def _table(name: str, columns: tuple[Column, ...]) -> "DataTable[Text]":
    table: DataTable[Text] = DataTable(id=name, cursor_type="row", zebra_stripes=False)
    for column in columns:
        table.add_column(Text(column.heading, justify=_side(column)))
    return table
