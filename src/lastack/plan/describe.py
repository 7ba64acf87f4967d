"""A setting as a step of a plan: what the catalogue knows of it goes with it."""

from lastack.plan.plan import Step
from lastack.settings.catalogue.rows import SETTINGS

__all__ = ["setting_step"]


def setting_step(key: str, value: str, now: str | None, *, because: str, reason: str) -> Step:
    """The step.

    Args:
        key: its name.
        value: the value to give it.
        now: its present value.
        because: the finding or wish behind it.
        reason: what to do, and why.
    """
    row = SETTINGS.get(key)
    return Step(
        kind="setting",
        because=because,
        reason=reason,
        key=key,
        now=now,
        value=value,
        effect=row.does if row else "",
        hazards=list(row.hazards) if row else [],
        check=_check(row.counters if row else ()),
        claims=list(row.claims) if row else [],
    )


def _check(counters: tuple[str, ...]) -> str:
    compare = "`lastack snapshot` before and after, then `lastack compare`"
    return f"{compare}; counters to watch: {', '.join(counters)}" if counters else compare
