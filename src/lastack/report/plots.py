"""Plots as SVG: runs of each arm as dots, and sockets per state over time as layers."""

from collections.abc import Mapping, Sequence
from math import floor, log10
from statistics import fmean

from lastack.report.markup import Element, add, new, titled
from lastack.report.style import colour_of

__all__ = ["dots", "layers", "legend", "ticks"]

_WIDTH, _LEFT, _RIGHT = 900.0, 230.0, 20.0
_ROW = 34.0
_HEIGHT, _FOOT, _HEAD = 190.0, 24.0, 10.0
_AXIS_LEFT = 60.0


def ticks(highest: float) -> list[float]:
    """Three to six round numbers from 0 up to about ``highest``.

    >>> ticks(2000.0), ticks(0.7)
    ([0.0, 500.0, 1000.0, 1500.0, 2000.0], [0.0, 0.2, 0.4, 0.6])
    """
    if highest <= 0:
        return [0.0]
    power = 10.0 ** floor(log10(highest))
    step = next(power * part for part in (0.1, 0.2, 0.5, 1.0, 2.0) if highest / (power * part) <= 5)
    return [round(step * at, 10) for at in range(int(highest / step + 1e-9) + 1)]


def dots(rows: Mapping[str, Sequence[float]], what: str) -> Element:
    """A dot for each run, a line for the mean; a row for each arm, all on one scale from 0.

    Args:
        rows: arm to numbers.
        what: they are, for those who hear the page.
    """
    highest = max((value for values in rows.values() for value in values), default=0.0) or 1.0
    height = _ROW * len(rows) + _FOOT
    svg = new("svg", viewBox=f"0 0 {_WIDTH:g} {height:g}", role="img", aria_label=what)

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / highest

    for tick in ticks(highest):
        add(svg, "line", class_="axis", x1=x(tick), x2=x(tick), y1=0, y2=height - _FOOT)
        add(svg, "text", f"{tick:,.10g}", class_="faint", x=x(tick), y=height - 6, text_anchor="middle")
    for at, (name, values) in enumerate(rows.items()):
        y = _ROW * (at + 0.5)
        add(svg, "text", _short(name), x=_LEFT - 12, y=y + 4, text_anchor="end")
        for value in values:
            svg.append(titled(new("circle", class_="run", cx=x(value), cy=y, r=5), f"{value:,.6g}"))
        if values:
            mean = fmean(values)
            line = new("line", class_="mean", x1=x(mean), x2=x(mean), y1=y - 11, y2=y + 11)
            svg.append(titled(line, f"mean {mean:,.6g}"))
    return svg


def layers(looks: Sequence[tuple[float, Mapping[str, int]]], highest: float, what: str) -> Element:
    """Sockets per state over time, one layer on the other; states with most at the bottom.

    Args:
        looks: seconds, and sockets per state.
        highest: of the scale, which several plots may share.
        what: it is, for those who hear the page.
    """
    svg = new("svg", viewBox=f"0 0 {_WIDTH:g} {_HEIGHT + _HEAD + _FOOT:g}", role="img", aria_label=what)
    end = (looks[-1][0] if looks else 0.0) or 1.0
    highest = highest or 1.0

    def x(seconds: float) -> float:
        return _AXIS_LEFT + (_WIDTH - _AXIS_LEFT - _RIGHT) * seconds / end

    def y(sockets: float) -> float:
        return _HEAD + _HEIGHT * (1 - sockets / highest)

    for tick in ticks(highest):
        add(svg, "line", class_="axis", x1=_AXIS_LEFT, x2=_WIDTH - _RIGHT, y1=y(tick), y2=y(tick))
        add(svg, "text", f"{tick:,.10g}", class_="faint", x=_AXIS_LEFT - 6, y=y(tick) + 4, text_anchor="end")
    for tick in ticks(end):
        foot = _HEAD + _HEIGHT + 16
        add(svg, "text", f"{tick:.10g} s", class_="faint", x=x(tick), y=foot, text_anchor="middle")
    below = [0.0] * len(looks)
    for state in _by_size(looks):
        above = [base + states.get(state, 0) for base, (_, states) in zip(below, looks, strict=True)]
        corners = [(x(at), y(top)) for (at, _), top in zip(looks, above, strict=True)]
        corners += [(x(at), y(base)) for (at, _), base in reversed(list(zip(looks, below, strict=True)))]
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in corners)
        most = max(states.get(state, 0) for _, states in looks)
        svg.append(titled(new("polygon", points=points, fill=colour_of(state)), f"{state}: {most:,} at most"))
        below = above
    return svg


def legend(states: Sequence[str]) -> Element:
    """Which colour is which state."""
    line = new("p", class_="faint")
    for state in states:
        mark = add(line, "span", "■ ", style=f"color:{colour_of(state)}")
        mark.tail = f"{state}  "
    return line


def _by_size(looks: Sequence[tuple[float, Mapping[str, int]]]) -> list[str]:
    peaks: dict[str, int] = {}
    for _, states in looks:
        for state, count in states.items():
            peaks[state] = max(peaks.get(state, 0), count)
    return sorted(peaks, key=lambda state: (-peaks[state], state))


def _short(name: str) -> str:
    return name if len(name) <= 32 else f"{name[:31]}…"
