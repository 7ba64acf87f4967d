"""docs/reference/state-machine.md: the diagram and the table, both from the table of transitions."""

from docs.generate.markdown import page_of, table
from lastack.tcp.transitions import EDGES, Edge

__all__ = ["diagram", "page"]

_INTRODUCTION = """\
One end of a connection, as RFC 9293 has it and as Linux does it. [Lifecycles](../explanation/lifecycles.md) are told
by walking this table. Each edge that Linux has is walked on the running kernel by `tests/tcp/test_transitions.py`, or
listed there with the reason why not; every other step is refused."""

_LEGEND = """\
Thick arrows are in the RFC and in Linux, dotted ones in Linux alone. What ends in CLOSE by a reset, by an abort or by
giving up is drawn as one arrow; the table below has each."""

_TO_THE_END = {"RST", "abort", "gives up"}


def diagram() -> str:
    """A flowchart for Mermaid."""
    lines = ["flowchart TD"]
    ends: dict[str, list[str]] = {}
    for edge in EDGES:
        if not edge.linux:
            continue
        if edge.event in _TO_THE_END:
            ends.setdefault(edge.state, []).append(edge.event)
            continue
        arrow = "==>" if edge.rfc else "-.->"
        sends = f" / {edge.sends}" if edge.sends else ""
        lines.append(f'  {edge.state} {arrow}|"{edge.event}{sends}"| {edge.next}')
    lines += [f'  {state} -->|"{", ".join(events)}"| CLOSE' for state, events in ends.items()]
    return "\n".join(["```mermaid", *lines, "```"])


def _rows(edges: list[Edge]) -> str:
    return table(
        ["from", "event", "to", "sends", "source", "how to see it"],
        [(edge.state, edge.event, edge.next, edge.sends or "nothing", edge.source, edge.walk) for edge in edges],
    )


def page() -> str:
    """The diagram, then the edges by who has them."""
    both = [edge for edge in EDGES if edge.rfc and edge.linux]
    linux = [edge for edge in EDGES if not edge.rfc]
    absent = [edge for edge in EDGES if not edge.linux]
    return page_of(
        "The state machine",
        "lastack.tcp.transitions",
        _INTRODUCTION,
        diagram(),
        _LEGEND,
        f"## In RFC 9293 and in Linux\n\n{_rows(both)}",
        f"## In Linux alone\n\n{_rows(linux)}",
        f"## In the RFC, not in Linux\n\nThe last column says what Linux does instead.\n\n{_rows(absent)}",
    )
