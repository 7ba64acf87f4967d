"""Resets: which reason, how many of how many."""

import pytest

from lastack.doctor.resets import FEW, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from tests.model.samples import later, model, sample


def ended(opened: int = 100, **counters: int) -> Model:
    """Ten seconds in which so many connections were opened, and ended in these ways."""
    zero = {"TCPAbortOnClose": 0, "TCPAbortOnData": 0, "TCPAbortOnTimeout": 0}
    return later(sample(), sample(), **zero | counters, Tcp_PassiveOpens=opened, Tcp_ActiveOpens=0, Tcp_EstabResets=3)


@pytest.mark.parametrize(
    ("counter", "severity"),
    [("TCPAbortOnClose", "warning"), ("TCPAbortOnData", "notice"), ("TCPAbortOnTimeout", "notice")],
)
def test_each_reason_has_its_severity(counter: str, severity: str) -> None:
    """Unread data loses answers; the others may be meant, or are told in full elsewhere."""
    verdict = check(ended(**{counter: 50}))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert verdict.summary.startswith("50 connections ")
    assert verdict.evidence["share_percent"] == 50.0


def test_lost_answers_come_before_what_may_be_meant() -> None:
    """Though there are more of those."""
    verdict = check(ended(TCPAbortOnClose=20, TCPAbortOnData=90))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"


@pytest.mark.parametrize(("opened", "resets"), [(100, FEW - 1), (101 * FEW, 10 * FEW)])
def test_a_few_or_a_small_share_are_everyday(opened: int, resets: int) -> None:
    """Nine; and a hundred of 1,010."""
    verdict = check(ended(opened, TCPAbortOnClose=resets))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "3 connections reset in 10 s"


def test_one_sample_cannot_tell() -> None:
    """Counters since boot say nothing of now."""
    verdict = check(model(counters={"TcpExt": {"TCPAbortOnClose": 99_999}}))
    assert isinstance(verdict, Unknown)
