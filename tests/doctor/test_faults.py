"""Every fault is found by its rule, at its severity, and by no other; no look-alike is taken for a fault."""

import pytest

from lastack.doctor.rules import RULES
from lastack.errors import RefusedError
from tests.doctor.faults.every import FAULTS
from tests.doctor.faults.fault import Fault
from tests.doctor.faults.stage import examine, fired, made
from tests.kernel.private import unavailable

GRAVE = {"critical", "warning"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.slug)
def test_the_right_rule_fires_and_no_other(fault: Fault) -> None:
    """A host built for real, examined by the command: its rule at its severity, else nothing above a notice."""
    try:
        with made(fault) as lab:
            found = fired(examine(lab, fault))
    except RefusedError as error:
        unavailable(str(error))
    grave = {rule: severity for rule, severity in found.items() if severity in GRAVE}
    if fault.severity is None:
        assert grave == {}
    elif fault.severity == "notice":
        assert (found.get(fault.rule), grave) == ("notice", {})
    else:
        assert grave == {fault.rule: fault.severity}


def test_faults_have_names_of_their_own_and_rules_that_exist() -> None:
    """Slugs are unique; the rule of each is a row."""
    assert len({fault.slug for fault in FAULTS}) == len(FAULTS)
    assert {fault.rule for fault in FAULTS} <= {rule.id for rule in RULES}
