"""Open connections without an answer."""

import pytest

from lastack.doctor.unacknowledged import FEW, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from tests.model.samples import SERVED, cohort, later, model, sample


@pytest.mark.parametrize(
    ("retried", "count", "severity"), [(50, 500, "warning"), (50, 501, "notice"), (50, 1000, "notice")]
)
def test_number_and_share(retried: int, count: int, severity: str) -> None:
    """A tenth of all is a warning, a twentieth a notice."""
    verdict = check(model(cohort("ESTABLISHED", count, **SERVED, retried=retried)))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert "10.0.0.1:80 (50)" in verdict.summary


@pytest.mark.parametrize(("retried", "count"), [(FEW - 1, FEW - 1), (50, 1001), (0, 5000)])
def test_a_lossy_path_is_no_silence(retried: int, count: int) -> None:
    """A few, a small share, none."""
    assert isinstance(check(model(cohort("ESTABLISHED", count, **SERVED, retried=retried))), Healthy)


def test_two_samples_show_what_is_sent_again() -> None:
    """Segments, beside sockets."""
    now = sample(cohort("ESTABLISHED", 100, **SERVED, retried=60))
    verdict = check(later(now, now, Tcp_RetransSegs=500, Tcp_OutSegs=2000))
    assert isinstance(verdict, Finding)
    assert (verdict.evidence["segments_sent_again"], verdict.evidence["without_answer_before"]) == (500, 60)


def test_cannot_tell_without_timers() -> None:
    """Unless nothing is open."""
    assert isinstance(check(model(cohort("ESTABLISHED", 1, **SERVED), has_timers=False)), Unknown)
    assert isinstance(check(model(has_timers=False)), Healthy)
