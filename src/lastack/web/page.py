"""The page: its frame in HTML, with both diagrams; what changes is filled in by its script. No text of a host is here.

``{...}`` are filled from tables of ours. Untrusted names come later, as JSON, and the script writes them as text.
"""

from html import escape

from lastack.model.edges import EDGES
from lastack.tcp.states import STATES
from lastack.web.diagram import LAYOUTS, svg

__all__ = ["page"]

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>lastack</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="lastack.css">
<script src="lastack.js" type="module"></script>
</head>
"""
_BODY = """<body>
<a class="skip" href="#diagram">Skip to the diagram</a>
<header>
<h1>lastack <span id="host"></span></h1>
<p id="facts"></p>
<div class="tools">
<span id="live" role="status">connecting</span>
<button type="button" id="pause" aria-pressed="false">Freeze</button>
<button type="button" id="theme">Colours: as the system</button>
</div>
</header>
<noscript><p class="note">The numbers need JavaScript. Without it, <a href="metrics">metrics</a> has them as text.
</p></noscript>
<main>
<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
<p id="verdict" role="status" aria-live="polite"></p>
<div id="finding-list"></div>
<details id="healthy"><summary></summary><dl></dl></details>
</section>
<section id="diagram" aria-labelledby="diagram-title" tabindex="-1">
<h2 id="diagram-title">States</h2>
<p class="hint">Sockets in each state; along the edges, connections a second over the last ten. Choose a state to see
where its sockets are. <abbr title="at least">&ge;</abbr> and <abbr title="at most">&le;</abbr> are bounds,
<abbr title="these edges together">&Sigma;</abbr> is all edges into that state together,
<abbr title="cannot be told">?</abbr> cannot be told.</p>
{diagrams}
<p id="total" aria-live="off"></p>
<details id="edges"><summary>The edges as a table</summary>
<div class="scroll"><table><thead><tr><th scope="col">from</th><th scope="col">to</th><th scope="col">event</th>
<th scope="col" class="number">a second</th><th scope="col">known from</th></tr></thead><tbody>{edges}</tbody></table>
</div>
</details>
</section>
<section id="detail" aria-labelledby="detail-title" hidden>
<h2 id="detail-title" tabindex="-1"></h2>
<button type="button" id="detail-close">Close</button>
<p id="detail-meaning"></p>
<div class="scroll"><table id="detail-table"><thead></thead><tbody></tbody></table></div>
<p id="detail-rest"></p>
</section>
<section aria-labelledby="closes-title">
<h2 id="closes-title">Closes of the last minute</h2>
<p id="closes-text"></p>
<svg id="closes" viewBox="0 0 600 90" preserveAspectRatio="none" role="img" aria-labelledby="closes-text"></svg>
</section>
<section aria-labelledby="destinations-title">
<h2 id="destinations-title">Destinations</h2>
<div class="scroll"><table id="destinations"><thead></thead><tbody></tbody></table></div>
</section>
<section aria-labelledby="listeners-title">
<h2 id="listeners-title">Listeners</h2>
<div class="scroll"><table id="listeners"><thead></thead><tbody></tbody></table></div>
</section>
{recorded}
</main>
<footer><p id="unseen"></p><p>Nothing on this page changes this host. <a href="metrics">Metrics</a></p></footer>
<template id="meanings">{meanings}</template>
</body>
</html>
"""
_RECORDED = """<section aria-labelledby="history-title" id="history">
<h2 id="history-title">History</h2>
<div class="tools" role="group" aria-label="Span">
<button type="button" data-span="3600" aria-pressed="true">1 hour</button>
<button type="button" data-span="86400" aria-pressed="false">1 day</button>
<button type="button" data-span="604800" aria-pressed="false">1 week</button>
</div>
<p id="history-text" aria-live="polite"></p>
<div id="charts"></div>
</section>
<section aria-labelledby="compare-title" id="compare">
<h2 id="compare-title">Before and after</h2>
<div class="tools" role="group" aria-label="Moments">
<label>Before <input id="before" value="-10m" size="20" autocomplete="off" aria-describedby="times"></label>
<label>After <input id="after" value="now" size="20" autocomplete="off" aria-describedby="times"></label>
<button type="button" id="hold">Compare</button>
</div>
<p class="hint" id="times">-10m, 14:05, 2026-03-01T14:05:00Z, now</p>
<p id="compare-text" aria-live="polite"></p>
<div class="scroll"><table id="compare-states" hidden><thead></thead><tbody></tbody></table></div>
<ul id="compare-why"></ul>
</section>
"""


def page(*, recorded: bool) -> bytes:
    """The document; ``recorded``: with the parts that need a store."""
    parts = {
        "diagrams": "\n".join(map(svg, LAYOUTS)),
        "edges": "".join(
            f'<tr data-edge="{edge.id}"><td>{_shown(edge.source)}</td><td>{_shown(edge.target)}</td>'
            f'<td>{escape(edge.event)}</td><td class="number rate"></td><td>{escape(edge.basis)}</td></tr>'
            for edge in EDGES
        ),
        "recorded": _RECORDED if recorded else "",
        "meanings": "".join(f'<p data-state="{state.name}">{escape(state.meaning)}</p>' for state in STATES),
    }
    return (_HEAD + _BODY.format(**parts)).encode()


def _shown(state: str) -> str:
    return "CLOSED" if state == "CLOSE" else state
