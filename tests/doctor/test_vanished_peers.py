"""Closes without an answer."""

import pytest

from lastack.doctor.vanished_peers import FEW, MANY, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from tests.model.samples import SERVED, article, cohort, later, model, sample


@pytest.mark.parametrize(
    ("retried", "established", "severity"),
    [(MANY, 800, "warning"), (MANY - 1, 100, "notice"), (MANY, 1000, "notice"), (FEW, 300, "notice")],
)
def test_number_and_share(retried: int, established: int, severity: str) -> None:
    """A hundred and a tenth are a warning; twenty and a twentieth a notice."""
    verdict = check(
        model(cohort("LAST_ACK", retried, **SERVED, retried=retried), cohort("ESTABLISHED", established, **SERVED))
    )
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert verdict.summary == f"{retried} closed connections whose peer does not answer (10.0.0.1:80 ({retried}))"
    assert "the peer closed first" in verdict.cause


@pytest.mark.parametrize(("retried", "established"), [(FEW - 1, 0), (FEW, 400)])
def test_phones_out_of_reach(retried: int, established: int) -> None:
    """Some are always there."""
    made = model(cohort("FIN_WAIT1", retried, **SERVED, retried=retried), cohort("ESTABLISHED", established, **SERVED))
    assert isinstance(check(made), Healthy)


def test_a_burst_of_closes_is_on_its_way() -> None:
    """Five hundred FINs sent once."""
    verdict = check(model(cohort("FIN_WAIT1", 500, **SERVED)))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "500 connections closing, no pile-up of peers that are silent"


def test_peers_that_do_not_read() -> None:
    """Data before the FIN and no room for it."""
    verdict = check(model(cohort("FIN_WAIT1", 200, **SERVED, probed=180, retried=5)))
    assert isinstance(verdict, Finding)
    assert "180 closed connections whose peer does not read" in verdict.summary
    assert "no room" in verdict.cause


def test_growth() -> None:
    """Since the earlier sample."""
    before, now = (sample(cohort("FIN_WAIT1", n, **SERVED, retried=n)) for n in (100, 130))
    verdict = check(later(before, now))
    assert isinstance(verdict, Finding)
    assert "30 more than before" in verdict.summary
    assert "this side closed first" in verdict.cause


def test_cannot_tell_without_timers() -> None:
    """The article's host saved by an older lastack: 28 closing of 1,223 are few in any case; 140 of 1,000 are not."""
    [few] = [check(model(*article().cohorts, has_timers=False))]
    assert isinstance(few, Healthy)
    many = model(cohort("LAST_ACK", 140, **SERVED), cohort("ESTABLISHED", 860, **SERVED), has_timers=False)
    assert isinstance(check(many), Unknown)
