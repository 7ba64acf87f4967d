"""From lines that somebody wishes for to steps, with the linter's verdict on each."""

from collections.abc import Sequence

from msgspec.structs import replace

from lastack.errors import InputError
from lastack.plan.describe import setting_step
from lastack.plan.key import irreversible, parts_of
from lastack.plan.plan import LeftOut, Step
from lastack.plan.value import checked, completed, same
from lastack.settings.lint.judge import Judged
from lastack.settings.lint.scene import View
from lastack.settings.sysctld.loading import Entry

__all__ = ["ALREADY", "WISH", "steps_of", "summary_of"]

# The name of the lines that a command line asks for one by one, as if they stood in a file.
WISH = "--set"

ALREADY = "it is so already"


def steps_of(entries: Sequence[Entry], judged: Sequence[Judged], view: View) -> tuple[list[Step], list[LeftOut]]:
    """The steps, in the order of the lines, and what is left out.

    A line that the linter finds hazardous is left out of what a file asks for; what is asked for by name is done, and
    the hazard said.

    Args:
        entries: the lines.
        judged: the verdict on each.
        view: the host.
    """
    steps, left_out = [], []
    for entry, item in zip(entries, judged, strict=True):
        why = _obstacle(entry, item, view)
        if why:
            what = entry.line.text.strip()
            left_out.append(LeftOut(what=what, where=_where(item), why=why))
        else:
            steps.append(_step(item, view))
    return steps, left_out


def summary_of(steps: Sequence[Step], left_out: Sequence[LeftOut]) -> str:
    """How much of what was asked for is in the plan."""
    if not steps:
        return f"Nothing to change: all {len(left_out)} that was asked for is left out, each for its reason."
    rest = f"; {len(left_out)} left out" if left_out else ""
    return f"{len(steps)} asked for{rest}"


def _where(item: Judged) -> str:
    return WISH if item.file == WISH else f"line {item.line} of {item.file}"


def _obstacle(entry: Entry, item: Judged, view: View) -> str:
    """Why a line is no step of the plan; empty: it is one."""
    if entry.line.is_pattern or entry.line.kind == "exclusion":
        return "it sets no key by its name"
    taken = {"ok", "no-effect", "hazard"} if item.file == WISH else {"ok", "no-effect"}
    if item.verdict not in taken:
        return f"{item.verdict}: {item.message}"
    try:
        parts_of(item.key)
        checked(item.key, item.value)
    except InputError as error:
        return error.message
    return irreversible(item.key) or _needless(item, (view.live or {}).get(item.key))


def _needless(item: Judged, present: str | None) -> str:
    if present is None:
        return "its present value cannot be read, so it could not be given back"
    return ALREADY if same(item.key, completed(item.key, item.value, present), present) else ""


def _step(item: Judged, view: View) -> Step:
    present = (view.live or {})[item.key]
    value = completed(item.key, item.value, present)
    step = setting_step(item.key, value, present, because=_where(item), reason="asked for")
    if item.verdict == "hazard":
        return replace(step, hazards=[item.message, *step.hazards])
    return replace(step, effect=item.message)
