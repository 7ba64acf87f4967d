"""Closes that get no TIME_WAIT."""

from lastack.doctor.time_wait_refused import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from tests.model.samples import SERVED, closed, later, model, sample

LIMIT = "net.ipv4.tcp_max_tw_buckets"


def test_refusals_between_two_samples() -> None:
    """50,000 refused in 10 s need 300,000 more: 2 x 310,000 is below 2^20."""
    now = sample(closed({1: 10_000}, **SERVED), settings={LIMIT: "10000"})
    verdict = check(later(sample(), now, TCPTimeWaitOverflow=50_000))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"
    assert "50,000 closes in 10 s" in verdict.summary
    assert (verdict.evidence["time_wait_overflows"], verdict.evidence["time_wait_overflows_per_s"]) == (50_000, 5000.0)
    assert (verdict.remedies[0].key, verdict.remedies[0].value) == (LIMIT, str(2**20))


def test_none() -> None:
    """However many are there."""
    verdict = check(later(sample(), sample(closed({1: 100_000}, **SERVED)), TCPTimeWaitOverflow=0))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "no close went without in 10 s"


def test_refusals_since_boot_are_no_present_trouble() -> None:
    """One sample cannot tell, whatever the counter stands at."""
    verdict = check(model(counters={"TcpExt": {"TCPTimeWaitOverflow": 50_000}}))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "one sample only"


def test_a_kernel_without_the_counter() -> None:
    """Two samples, and nothing to compare."""
    verdict = check(later(sample(), sample()))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "this kernel has no TCPTimeWaitOverflow"
