"""Peers that do not read."""

import pytest

from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.doctor.zero_window import FEW, MANY, check
from tests.model.samples import SERVED, cohort, model


@pytest.mark.parametrize(
    ("probed", "count", "severity"), [(MANY, MANY * 10, "warning"), (MANY - 1, MANY, "notice"), (FEW, 200, "notice")]
)
def test_number_and_share(probed: int, count: int, severity: str) -> None:
    """A tenth of all; a hundred are a warning."""
    verdict = check(model(cohort("ESTABLISHED", count, **SERVED, probed=probed)))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert verdict.evidence["peers_without_room"] == probed


@pytest.mark.parametrize(("probed", "count"), [(FEW - 1, FEW), (MANY, MANY * 10 + 1)])
def test_a_paused_download_is_no_fault(probed: int, count: int) -> None:
    """A few, or few among many."""
    assert isinstance(check(model(cohort("ESTABLISHED", count, **SERVED, probed=probed))), Healthy)


def test_cannot_tell_without_timers() -> None:
    """A snapshot of before they were recorded."""
    assert isinstance(check(model(cohort("ESTABLISHED", 1, **SERVED), has_timers=False)), Unknown)
