"""The diagram: whole, and legible."""

import math
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from lastack.model.edges import EDGES
from lastack.web.diagram import LAYOUTS, Layout, svg


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_edge_and_state_is_drawn(layout: Layout) -> None:
    """Once, with its meaning, and boxes in the order in which the keyboard goes through them."""
    root = ET.fromstring(svg(layout))  # noqa: S314 - our own
    edges = [one.get("data-edge") for one in root.iter() if one.get("data-edge")]
    assert edges == [edge.id for edge in EDGES]
    boxes = [one for one in root.iter() if one.get("data-state")]
    assert {one.get("data-state") for one in boxes} == {name for edge in EDGES for name in (edge.source, edge.target)}
    assert all(
        (one.get("tabindex"), one.get("role")) == ("0", "button") and one.find("title") is not None for one in boxes
    )


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_boxes_do_not_touch(layout: Layout) -> None:
    """And lie inside."""
    for (one_x, one_y), (x, y) in combinations(layout.boxes.values(), 2):
        assert abs(one_x - x) >= 168 or abs(one_y - y) >= 64
    for x, y in layout.boxes.values():
        assert 84 < x < layout.size[0] - 84
        assert 32 < y < layout.size[1] - 32


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_numbers_do_not_lie_on_each_other(layout: Layout) -> None:
    """Each edge's is 20 units or more from every other's."""
    root = ET.fromstring(svg(layout))  # noqa: S314 - our own
    at = [(float(one.get("x", "")), float(one.get("y", ""))) for one in root.iter() if one.get("class") == "rate"]
    assert len(at) == len(EDGES)
    assert min(math.dist(*pair) for pair in combinations(at, 2)) >= 20
