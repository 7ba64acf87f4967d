"""What every export says about itself, as comments that start with ``#``."""

from collections.abc import Iterable, Iterator

from lastack.plan.plan import Plan, Step

__all__ = ["comment", "head", "sections"]


def comment(text: str) -> str:
    """One line of comment, whatever the text is."""
    return f"# {' '.join(_one_line(text).split())}"


def _verbatim(text: str) -> str:
    """The same for a line to copy: with the spaces that it has."""
    return f"#     {_one_line(text)}".rstrip()


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def head(plan: Plan) -> list[str]:
    """Where it comes from, and what the plan has besides settings."""
    return [
        comment(f"From a plan of lastack for {plan.host}, made at {plan.made_at}: {plan.summary}"),
        *(line for step in plan.steps if step.kind != "setting" for line in _aside(step)),
    ]


def _aside(step: Step) -> Iterator[str]:
    """What to do elsewhere, the lines to write there, and who says so."""
    yield comment(f"Not a setting, and so not in here: {step.told}")
    yield from map(_verbatim, step.lines)
    if step.source:
        yield comment(f"Source: {step.source}")


def sections(title: str, lines: Iterable[str]) -> list[str]:
    """A comment above lines, as comments; nothing if there are none."""
    listed = [comment(f"  {line}") for line in lines]
    return [comment(title), *listed] if listed else []
