"""Clocks that seem to run back: behind NAT, and on the way."""

import pytest

from lastack.doctor.older_timestamps import FEW, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from tests.model.samples import later, model, sample

RFC1337 = "net.ipv4.tcp_rfc1337"


def refused(
    by_time_wait: int | None = 0, by_open: int = 0, *, opened: int = 1000, segments: int = 10_000, rfc1337: str = "0"
) -> Model:
    """Ten seconds on a server; ``by_time_wait`` None: the kernel has no such counter."""
    now = sample(settings={RFC1337: rfc1337})
    counters = {"PAWSEstab": by_open, "Tcp_PassiveOpens": opened, "Tcp_InSegs": segments}
    return later(sample(), now, **counters, **({} if by_time_wait is None else {"PAWSTimewait": by_time_wait}))


@pytest.mark.parametrize(
    ("by_time_wait", "opened", "rfc1337", "severity"),
    [
        (50, 1000, "0", "notice"),  # as many as one in twenty
        (50, 1000, "1", "warning"),  # none of them gets in
        (1000, 1000, "0", "notice"),  # each gets in at its second SYN
        (1001, 1000, "0", "warning"),  # not each does
        (FEW, 0, "0", "warning"),
    ],
)
def test_attempts_that_meet_a_newer_clock(by_time_wait: int, opened: int, rfc1337: str, severity: str) -> None:
    """Bad where the client cannot clear the TIME_WAIT."""
    verdict = check(refused(by_time_wait, opened=opened, rfc1337=rfc1337))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert verdict.evidence["refused_by_time_wait"] == by_time_wait
    settings = [(remedy.key, remedy.value) for remedy in verdict.remedies if remedy.key]
    assert settings == ([(RFC1337, "0")] if rfc1337 == "1" else [])


@pytest.mark.parametrize(("by_time_wait", "opened"), [(FEW - 1, 10), (49, 1000), (0, 0)])
def test_a_few_attempts_are_everyday(by_time_wait: int, opened: int) -> None:
    """Nineteen; and less than one in twenty, even where resets are ignored."""
    assert isinstance(check(refused(by_time_wait, opened=opened, rfc1337="1")), Healthy)


def test_data_that_is_dropped() -> None:
    """100 of 10,000 segments."""
    verdict = check(refused(by_open=100))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("warning", "high")
    assert verdict.summary == "100 segments in 10 s dropped for an older timestamp, of 10,000"
    assert verdict.evidence["dropped_percent"] == 1.0


@pytest.mark.parametrize(("by_open", "segments"), [(FEW - 1, 100), (99, 10_000)])
def test_late_duplicates_are_everyday(by_open: int, segments: int) -> None:
    """Few, or less than one in a hundred."""
    verdict = check(refused(by_open=by_open, segments=segments))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == f"{by_open} segments refused in 10 s for an older timestamp"


def test_lost_data_comes_before_attempts_that_get_in() -> None:
    """Whichever are more."""
    verdict = check(refused(500, 100))
    assert isinstance(verdict, Finding)
    assert "dropped" in verdict.summary


def test_a_kernel_that_counts_both_in_one() -> None:
    """Before 6.17 it may be NAT alone."""
    verdict = check(refused(None, 100))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("notice", "medium")
    assert "NAT alone" in verdict.cause


def test_one_sample_cannot_tell() -> None:
    """Counters since boot say nothing of now."""
    assert isinstance(check(model(counters={"TcpExt": {"PAWSEstab": 99_999}})), Unknown)
