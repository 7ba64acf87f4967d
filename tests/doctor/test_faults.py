"""Every fault is found by its rule, at its severity, and by no other; no look-alike is taken for a fault."""

import pytest
from docs.faults import PAGE, row

from lastack.doctor.rules import RULES
from tests.doctor.faults.every import FAULTS
from tests.doctor.faults.stage import Observed, observe
from tests.kernel.private import unavailable

BY_SLUG = {fault.slug: fault for fault in FAULTS}


def test_the_right_rule_fires_and_no_other(subtests: pytest.Subtests) -> None:
    """Hosts built for real, examined by the command: its rule at its severity, else nothing above a notice."""
    committed = [grave(line.split("|")[1:-1]) for line in PAGE.read_text("utf-8").splitlines() if line[:2] == "| "]
    for seen in observe(FAULTS):
        with subtests.test(seen.fault):
            if seen.refusal:
                unavailable(seen.refusal)
            assert seen.trouble == ""
            judge(seen)
            assert grave(row(BY_SLUG[seen.fault], seen.answers)) in committed


def judge(seen: Observed) -> None:
    """Whether the doctor said what it must, and no more."""
    fault = BY_SLUG[seen.fault]
    if fault.severity is None:
        assert seen.grave == {}
        assert seen.answers[fault.rule] in {"healthy", "unknown"}
    elif fault.severity == "notice":
        assert (seen.answers[fault.rule], seen.grave) == ("notice", {})
    else:
        assert seen.grave == {fault.rule: fault.severity}


def grave(cells: list[str]) -> list[str]:
    """A row of the page without what may differ from run to run: notices, and what cannot be told."""
    return [cell if "**" in cell or at < 2 else "" for at, cell in enumerate(map(str.strip, cells))]


def test_faults_have_names_of_their_own_and_rules_that_exist() -> None:
    """Slugs are unique; the rule of each is a row."""
    assert len(BY_SLUG) == len(FAULTS)
    assert {fault.rule for fault in FAULTS} <= {rule.id for rule in RULES}


def test_every_rule_has_its_fault_and_its_look_alike() -> None:
    """Or it is not proven."""
    sick = {fault.rule for fault in FAULTS if fault.severity}
    well = {fault.rule for fault in FAULTS if fault.severity is None}
    assert {rule.id for rule in RULES} == sick == well
