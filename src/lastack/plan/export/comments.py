"""What every export says about itself, as comments that start with ``#``."""

from collections.abc import Iterable

from lastack.plan.plan import Plan

__all__ = ["comment", "head", "sections"]


def comment(text: str) -> str:
    """One line of comment, whatever the text is."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    return f"# {' '.join(words)}"


def head(plan: Plan) -> list[str]:
    """Where it comes from, and what the plan has besides settings."""
    others = [step for step in plan.steps if step.kind != "setting"]
    return [
        comment(f"From a plan of lastack for {plan.host}, made at {plan.made_at}: {plan.summary}"),
        *(comment(f"Not a setting, and so not in here: [{step.kind}] {step.reason}") for step in others),
    ]


def sections(title: str, lines: Iterable[str]) -> list[str]:
    """A comment above lines, as comments; nothing if there are none."""
    listed = [comment(f"  {line}") for line in lines]
    return [comment(title), *listed] if listed else []
