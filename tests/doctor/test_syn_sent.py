"""Destinations that do not answer."""

import pytest

from lastack.doctor.syn_sent import FEW, MANY, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from tests.model.samples import UPSTREAM, cohort, model


def verdict_on(waiting: int, again: int, established: int = 0) -> Verdict:
    """One destination."""
    open_ones = [cohort("ESTABLISHED", established, **UPSTREAM)] if established else []
    return check(model(cohort("SYN_SENT", waiting, **UPSTREAM, retried=again, process="app/7"), *open_ones))


@pytest.mark.parametrize(
    ("again", "established", "severity"),
    [(MANY, 0, "critical"), (MANY, 1, "warning"), (MANY - 1, 0, "notice"), (FEW, 9, "notice")],
)
def test_severity_goes_by_number_and_by_what_gets_through(again: int, established: int, severity: str) -> None:
    """Nothing open is a dead destination, something open one that drops."""
    verdict = verdict_on(again, again, established)
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert "10.0.0.1 > 10.0.0.2:8080" in verdict.summary
    destinations = verdict.evidence["destinations"]
    assert isinstance(destinations, list)
    assert (destinations[0]["syns_sent_again"], destinations[0]["processes"]) == (again, "app/7")


def test_syns_on_their_way_are_no_fault() -> None:
    """Five hundred to a far upstream that answers, none of them sent twice."""
    verdict = verdict_on(500, 0, established=1)
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "500 SYN_SENT, few of them sent again"


@pytest.mark.parametrize(("waiting", "answer"), [(MANY, Finding), (MANY - 1, Healthy)])
def test_the_first_second_of_a_dead_destination(waiting: int, answer: type[Verdict]) -> None:
    """Nothing was sent twice yet, and nothing has ever been answered."""
    verdict = verdict_on(waiting, 0)
    assert isinstance(verdict, answer)
    if isinstance(verdict, Finding):
        assert (verdict.severity, verdict.confidence) == ("warning", "medium")
        assert "20 connections to 10.0.0.1 > 10.0.0.2:8080 without an answer, none gets through" in verdict.summary


def test_one_lost_syn_here_and_there() -> None:
    """Few to each of a hundred destinations."""
    hosts = [cohort("SYN_SENT", 3, **UPSTREAM | {"remote": f"192.0.2.{n}"}, retried=FEW - 1) for n in range(100)]
    assert isinstance(check(model(*hosts)), Healthy)


def test_the_worst_is_named_first() -> None:
    """A dead one before a leaky one with more SYNs."""
    leaky = [cohort("SYN_SENT", 90, **UPSTREAM, retried=90), cohort("ESTABLISHED", 9, **UPSTREAM)]
    dead = cohort("SYN_SENT", MANY, **UPSTREAM | {"remote_port": 9999}, retried=MANY)
    verdict = check(model(*leaky, dead))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "critical"
    assert "10.0.0.2:9999 without an answer, none gets through; 1 more destination" in verdict.summary


def test_cannot_tell_without_timers() -> None:
    """A snapshot of before they were recorded."""
    waiting = [cohort("SYN_SENT", MANY, **UPSTREAM), cohort("ESTABLISHED", 1, **UPSTREAM)]
    verdict = check(model(*waiting, has_timers=False))
    assert isinstance(verdict, Unknown)
