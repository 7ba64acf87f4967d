"""How reports look, by day and by night; colours of states are the same in all of them."""

__all__ = ["COLOURS", "STYLE", "colour_of"]

# Colours that differ in lightness too (Okabe and Ito); a legend names each.
COLOURS = {
    "TIME_WAIT": "#0072b2",
    "ESTABLISHED": "#009e73",
    "CLOSE_WAIT": "#d55e00",
    "FIN_WAIT1": "#cc79a7",
    "FIN_WAIT2": "#56b4e9",
    "SYN_RECV": "#e69f00",
    "SYN_SENT": "#f0e442",
    "LAST_ACK": "#8c564b",
    "CLOSING": "#999999",
    "LISTEN": "#555555",
}


def colour_of(state: str) -> str:
    """The colour of a state; grey for one that nobody knows."""
    return COLOURS.get(state, "#bbbbbb")


# No sign of this text needs an escape in HTML.
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fdfdfc; --faint: #6b7280; --line: #d9dce1; --mark: #0072b2 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --paper: #14171a; --faint: #9aa3ad; --line: #333a42; --mark: #56b4e9 }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin-top: 2.2rem } h3 { font-size: 1rem }
p.said { font-size: 1.15rem; margin: .3rem 0 } p.faint, td.faint, figcaption { color: var(--faint) }
p.warning { border-left: 4px solid #d55e00; padding-left: .7rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .15rem .6rem; border-bottom: 1px solid var(--line); font-weight: normal }
th { color: var(--faint) } th:first-child, td:first-child { text-align: left } td.effect { font-weight: 600 }
figure { margin: 1rem 0 } svg { width: 100%; height: auto; overflow: visible }
svg text { fill: var(--ink); font-size: 12px } svg .axis { stroke: var(--line) } svg .faint { fill: var(--faint) }
svg .run { fill: var(--mark); fill-opacity: .55 } svg .mean { stroke: var(--ink); stroke-width: 2 }
"""
