"""What can be said of a line by itself: it is none, its key is not there, or the kernel refuses its value."""

from collections.abc import Sequence

from lastack.settings.catalogue.row import Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.presence import judge_presence
from lastack.settings.lint.scene import View
from lastack.settings.lint.values import Bad, fault, numbers
from lastack.settings.lint.verdict import Judgement, no_effect, out_of_range
from lastack.settings.sysctld.grammar import Line
from lastack.settings.sysctld.loading import Entry, Loaded

__all__ = ["judge_alone", "judge_value", "loaded"]


def judge_alone(line: Line, view: View) -> Judgement | None:
    """What is wrong with it; None: it is written, and what it does depends on more."""
    if line.kind == "malformed":
        return Judgement("malformed", f"{line.problem}, so no setting can be read from it", line.repair)
    if line.kind == "exclusion" or line.is_pattern:
        return None
    absent = judge_presence(line.key, line.value, view)
    if absent:
        return absent
    row = SETTINGS.get(line.key)
    return judge_value(row, line.value, view) if row else None


def loaded(entries: Sequence[Entry], view: View) -> tuple[list[Judgement | None], Loaded]:
    """What can be said of each line by itself, and what is set once all are loaded."""
    alone = [judge_alone(entry.line, view) for entry in entries]

    def takes(key: str, value: str) -> bool:
        return judge_presence(key, value, view) is None and judge_value(SETTINGS[key], value, view) is None

    return alone, Loaded(entries, [judgement is not None for judgement in alone], SETTINGS, takes)


def judge_value(row: Setting, text: str, view: View) -> Judgement | None:
    """Why the kernel refuses to take the value; None: it takes it."""
    if row.read_only:
        return no_effect("nobody can write it: it is a reading, not a setting")
    if view.is_child_namespace and row.first_namespace_only:
        return no_effect("it belongs to the whole machine, and can only be read from inside of this namespace")
    bad = fault(row, text)
    if bad:
        return Judgement("malformed", bad.problem, f"{row.key} = {bad.better}" if bad.better else None)
    accepted = row.range_in(view.release)
    found = numbers(text, row.arity) if accepted else ()
    if accepted is None or isinstance(found, Bad):
        return None
    outside = next((number for number in found if not accepted.low <= number <= accepted.high), None)
    if outside is None:
        return None
    return out_of_range(f"{outside} is not within {accepted.low}..{accepted.high}, and the kernel refuses it")
