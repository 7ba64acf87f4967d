"""Attempts to connect that fail."""

import pytest

from lastack.doctor.refused_connects import FEW, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from tests.model.samples import later, model, sample


def tried(attempts: int, failed: int) -> Model:
    """Ten seconds of attempts."""
    return later(sample(), sample(), Tcp_ActiveOpens=attempts, Tcp_AttemptFails=failed)


def test_a_service_that_is_down() -> None:
    """Every second attempt."""
    verdict = check(tried(200, 100))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("warning", "high")
    assert verdict.summary == "100 attempts to connect failed in 10 s, of 200"
    assert verdict.evidence["failed_percent"] == 50.0


@pytest.mark.parametrize(("attempts", "failed"), [(20, FEW - 1), (FEW * 10 + 1, FEW), (0, 500)])
def test_a_few_a_small_share_or_none_of_its_own(attempts: int, failed: int) -> None:
    """Failed attempts without any attempt are requests that clients reset."""
    assert isinstance(check(tried(attempts, failed)), Healthy)


def test_a_host_that_opens_nothing() -> None:
    """There is no share of nothing."""
    verdict = check(tried(0, 0))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "nothing here tried to connect"


def test_one_sample_cannot_tell() -> None:
    """Refused connections leave no socket."""
    assert isinstance(check(model(counters={"Tcp": {"AttemptFails": 99_999}})), Unknown)
