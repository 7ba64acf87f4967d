"""The TCP state diagram as SVG: a box a state, an arrow an edge, drawn once; the page fills in the numbers.

There are two of it, wide and tall, of which a style sheet shows the one that fits. Boxes are buttons, in the order of a
connection's life. Arrows are for the eye alone: the page has the same in a table.
"""

from html import escape
from typing import NamedTuple

from lastack.model.edges import EDGES, Edge
from lastack.tcp.states import STATES

__all__ = ["LAYOUTS", "Layout", "svg"]

Point = tuple[float, float]

_WIDTH, _HEIGHT = 168, 64


class Layout(NamedTuple):
    """Where things are drawn, in SVG units.

    Attributes:
        name: of the style sheet's class.
        size: width and height.
        boxes: state to the middle of its box.
        bends: edge to a point that its line bends through; the others are straight.
        ends: edge to where it ends instead: the connection is gone, and the diagram does not lead it back up.
    """

    name: str
    size: tuple[int, int]
    boxes: dict[str, Point]
    bends: dict[str, Point]
    ends: dict[str, Point]


LAYOUTS = (
    Layout(
        "wide",
        (1000, 650),
        {
            "CLOSE": (500, 44),
            "LISTEN": (230, 130),
            "SYN_SENT": (770, 130),
            "SYN_RECV": (230, 250),
            "ESTABLISHED": (500, 320),
            "FIN_WAIT1": (180, 430),
            "FIN_WAIT2": (180, 570),
            "CLOSING": (480, 440),
            "TIME_WAIT": (480, 580),
            "CLOSE_WAIT": (820, 430),
            "LAST_ACK": (820, 550),
        },
        {"SYN_SENT-CLOSE": (770, 44)},
        {
            "ESTABLISHED-CLOSE": (760, 320),
            "LAST_ACK-CLOSE": (820, 625),
            "TIME_WAIT-CLOSE": (670, 580),
        },
    ),
    Layout(
        "tall",
        (560, 940),
        {
            "CLOSE": (280, 44),
            "LISTEN": (95, 150),
            "SYN_SENT": (465, 150),
            "SYN_RECV": (95, 280),
            "ESTABLISHED": (280, 400),
            "FIN_WAIT1": (95, 530),
            "FIN_WAIT2": (95, 720),
            "CLOSING": (290, 640),
            "TIME_WAIT": (230, 840),
            "CLOSE_WAIT": (465, 530),
            "LAST_ACK": (465, 710),
        },
        {"SYN_SENT-CLOSE": (465, 44)},
        {
            "ESTABLISHED-CLOSE": (475, 400),
            "LAST_ACK-CLOSE": (465, 830),
            "TIME_WAIT-CLOSE": (400, 890),
        },
    ),
)
_SHOWN = {state.name: state for state in STATES}


def svg(layout: Layout) -> str:
    """The diagram, without numbers yet."""
    width, height = layout.size
    edges = "".join(_edge(edge, layout) for edge in EDGES)
    boxes = "".join(_box(name, at) for name, at in layout.boxes.items())
    return (
        f'<svg class="diagram {layout.name}" viewBox="0 0 {width} {height}" role="group" '
        f'aria-label="TCP state diagram"><defs>{_marker(layout)}</defs>'
        f'<g aria-hidden="true">{edges}</g>{boxes}</svg>'
    )


def _marker(layout: Layout) -> str:
    return (
        f'<marker id="tip-{layout.name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="tip" d="M0 0 10 5 0 10z"/></marker>'
    )


def _box(name: str, middle: Point) -> str:
    x, y = middle
    shown = "CLOSED" if name == "CLOSE" else name
    return (
        f'<g class="state" data-state="{name}" tabindex="0" role="button" aria-pressed="false" '
        f'aria-label="{shown}" transform="translate({x - _WIDTH / 2:g} {y - _HEIGHT / 2:g})">'
        f"<title>{escape(_SHOWN[name].meaning)}</title>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="12"/>'
        f'<text class="name" x="{_WIDTH / 2:g}" y="22">{shown}</text>'
        f'<text class="count" x="{_WIDTH / 2:g}" y="50"></text></g>'
    )


def _edge(edge: Edge, layout: Layout) -> str:
    begin, end = layout.boxes[edge.source], layout.ends.get(edge.id) or layout.boxes[edge.target]
    bend = layout.bends.get(edge.id)
    start = _border(begin, bend or end)
    stop = end if edge.id in layout.ends else _border(end, bend or begin)
    path = [start, bend, stop] if bend else [start, stop]
    d = "M" + " L".join(f"{x:.0f} {y:.0f}" for x, y in filter(None, path))
    x, y = _halfway(start, bend or stop)
    return (
        f'<g class="edge" data-edge="{edge.id}"><title>{escape(f"{edge.event}: {edge.basis}")}</title>'
        f'<path d="{d}" marker-end="url(#tip-{layout.name})"/>'
        f'<text class="rate" x="{x:.0f}" y="{y + 5:.0f}"></text>{_gone(layout.ends.get(edge.id))}</g>'
    )


def _gone(at: Point | None) -> str:
    """The word at the end of an edge that leads out of the diagram."""
    return "" if at is None else f'<text class="gone" x="{at[0] + 8:g}" y="{at[1] + 5:g}">closed</text>'


def _border(middle: Point, towards: Point) -> Point:
    """Where the line from the middle of a box to a point leaves it."""
    dx, dy = towards[0] - middle[0], towards[1] - middle[1]
    scale = min(_WIDTH / 2 / abs(dx) if dx else 9.0, _HEIGHT / 2 / abs(dy) if dy else 9.0, 1.0)
    return middle[0] + dx * scale, middle[1] + dy * scale


def _halfway(start: Point, stop: Point) -> Point:
    return (start[0] + stop[0]) / 2, (start[1] + stop[1]) / 2
