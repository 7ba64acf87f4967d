"""docs/reference/faults.md: every fault of tests/doctor/faults, built on the real kernel, against every rule.

``python -m docs.faults`` builds them all, asks the doctor, and writes down what it said. The tests do the same and
compare.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.doctor.faults.every import FAULTS
from tests.doctor.faults.fault import Fault
from tests.doctor.faults.stage import GRAVE, Observed, observe

from docs.generate.markdown import table, text
from lastack.doctor.rules import RULES

__all__ = ["PAGE", "page", "row"]

PAGE = Path(__file__).parent / "reference" / "faults.md"

_CELLS = {"critical": "**C**", "warning": "**W**", "notice": "n", "healthy": "", "unknown": "?"}
_EDITED = " †"
_MADE = "<!-- Made by `python -m docs.faults` from tests/doctor/faults: change that. -->"
_INTRODUCTION = """\
Every fault that the doctor knows has been made on a real kernel, in a [lab](commands.md), and the doctor called as a
user calls it: {faults} faults, and {healthy} hosts that look like one and are healthy. Of each fault its own rule must
say what stands in the column *must say*, and no other rule may give more than a notice; of a look-alike none may, least
of all the one that is named. The tests build them all again and compare.

The columns are the rules, by number: **C** critical, **W** warning, n notice, ? cannot tell (most often because one
sample does not); nothing where it is healthy. A † marks hosts some of whose numbers no namespace has to itself, or that
take minutes to come about: these were put into the snapshot of a real one."""


def page(observed: Iterable[Observed]) -> str:
    """The page of what was observed, in the order of the table."""
    answers = {}
    for fault, one in zip(FAULTS, observed, strict=True):
        must = {fault.rule: fault.severity} if fault.severity in GRAVE else {}
        if one.refusal or one.trouble or one.grave != must:
            raise SystemExit(f"{one.fault}: {one.refusal or one.trouble or one.grave}")
        answers[one.fault] = one.answers
    numbers = [str(number) for number, _ in enumerate(RULES, 1)]
    legend = table(["", "rule"], [(number, _link(rule.id)) for number, rule in zip(numbers, RULES, strict=True)])
    titles = ["host", "must say", *numbers]
    sick = sum(fault.severity is not None for fault in FAULTS)
    parts = [
        "# Faults and look-alikes",
        _MADE,
        _INTRODUCTION.format(faults=sick, healthy=len(FAULTS) - sick),
        f"## The rules\n\n{legend}",
        f"## The hosts\n\n{table(titles, [row(fault, answers[fault.slug]) for fault in FAULTS])}",
    ]
    return "\n\n".join(parts) + "\n"


def row(fault: Fault, answers: Mapping[str, str]) -> list[str]:
    """A fault's cells: what it is, what must be said, and each rule's answer."""
    must = f"{fault.severity}: {_link(fault.rule)}" if fault.severity else f"nothing, of {_link(fault.rule)}"
    what = text(fault.what) + (_EDITED if fault.edit else "")
    return [what, must, *(_CELLS[answers[rule.id]] for rule in RULES)]


def _link(rule: str) -> str:
    return f"[`{rule}`](findings.md#{rule})"


if __name__ == "__main__":
    PAGE.write_text(page(observe(FAULTS)), "utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
