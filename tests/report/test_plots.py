"""Plots as SVG."""

from lastack.report.markup import Element
from lastack.report.plots import dots, layers, ticks


def _all(svg: Element, tag: str) -> list[Element]:
    return list(svg.iter(tag))


def test_every_run_is_a_dot_at_its_place() -> None:
    """On one scale from 0, so twice as much is twice as far."""
    svg = dots({"baseline": [100.0, 100.0], "change": [200.0, 200.0]}, "runs")
    across = [float(dot.get("cx") or 0) for dot in _all(svg, "circle")]
    zero = 2 * across[0] - across[2]
    left = min(float(line.get("x1") or 0) for line in _all(svg, "line"))
    assert len(across) == 4
    assert zero == left


def test_a_mean_for_each_arm() -> None:
    """Said when pointed at."""
    svg = dots({"baseline": [1.0, 3.0], "change": [10.0, 20.0]}, "runs")
    titles = [title.text for title in _all(svg, "title")]
    assert [title for title in titles if title and title.startswith("mean")] == ["mean 2", "mean 15"]


def test_nothing_but_zeros_is_a_plot_too() -> None:
    """No division by the largest."""
    assert len(_all(dots({"baseline": [0.0]}, "zeros"), "circle")) == 1
    assert _all(layers([], 0.0, "nothing"), "polygon") == []


def test_layers_lie_one_on_the_other() -> None:
    """The state with most at the bottom; the last one's edge is the total."""
    looks = [(0.0, {"TIME_WAIT": 0, "ESTABLISHED": 10}), (1.0, {"TIME_WAIT": 90, "ESTABLISHED": 10})]
    svg = layers(looks, 100.0, "census")
    first, second = _all(svg, "polygon")
    assert [title.text for title in _all(svg, "title")] == ["TIME_WAIT: 90 at most", "ESTABLISHED: 10 at most"]
    top, bottom = _heights(second), _heights(first)
    assert min(top) < min(bottom)
    assert min(top) == 10.0  # the plot's upper edge: all 100


def _heights(polygon: Element) -> list[float]:
    return [float(corner.split(",")[1]) for corner in (polygon.get("points") or "").split()]


def test_ticks_are_round_and_few() -> None:
    """From 0 to the highest."""
    for highest in (0.003, 0.7, 1.0, 7.0, 42.0, 25_087.0, 9.9e9):
        found = ticks(highest)
        assert found[0] == 0
        assert highest * 0.6 <= found[-1] <= highest * (1 + 1e-9)
        assert 3 <= len(found) <= 7, highest
    assert ticks(0.0) == [0.0]
