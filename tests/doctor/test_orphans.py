"""Orphans against the machine's limit."""

import pytest

from lastack.doctor.orphans import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from lastack.model.sample import Sample
from tests.model.samples import article, later, sample

LIMIT = "net.ipv4.tcp_max_orphans"


def host(count: int, limit: str | None = "1000", buckets: str | None = "-262144") -> Sample:
    """A machine with so many orphans."""
    settings = {LIMIT: limit, "net.ipv4.tcp_ehash_entries": buckets}
    return sample(sockstat={"TCP": {"orphan": count}}, settings=settings)


@pytest.mark.parametrize(
    ("count", "severity"), [(0, None), (499, None), (500, "warning"), (999, "warning"), (1000, "critical")]
)
def test_near_the_limit(count: int, severity: str | None) -> None:
    """From half of it on, since silent ones count twice; critical when it is reached."""
    verdict = check(Model.of(host(count)))
    assert getattr(verdict, "severity", None) == severity
    assert verdict.evidence["orphans"] == count


@pytest.mark.parametrize(("count", "answer"), [(249, Healthy), (250, Finding)])
def test_resets_with_a_quarter_in_use(count: int, answer: type[Finding | Healthy]) -> None:
    """Below that no reset is for the number of orphans."""
    verdict = check(later(host(count), host(count), TCPAbortOnMemory=7))
    assert isinstance(verdict, answer)
    if isinstance(verdict, Finding):
        assert verdict.severity == "critical"
        assert verdict.summary == "250 of 1,000 orphans on this machine; 7 connections reset in 10 s"


@pytest.mark.parametrize(("count", "answer"), [(0, Healthy), (6553, Healthy), (6554, Unknown)])
def test_where_the_limit_is_out_of_sight(count: int, answer: type[Healthy | Unknown]) -> None:
    """5% of 131,072, where such a kernel starts, is 6,553.6."""
    assert isinstance(check(Model.of(host(count, limit=None))), answer)


def test_neither_limit_nor_table() -> None:
    """Then only no orphans are few."""
    assert isinstance(check(Model.of(host(0, None, None))), Healthy)
    verdict = check(Model.of(host(1, None, None)))
    assert isinstance(verdict, Unknown)
    assert "only its first namespace shows it" in verdict.reason


def test_the_article_is_healthy() -> None:
    """275 orphans, in a namespace that does not show the limit."""
    verdict = check(Model.of(article()))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "275 orphans on the whole machine"
    assert LIMIT in verdict.unseen


def test_without_sockstat() -> None:
    """It cannot be told."""
    assert isinstance(check(Model.of(sample(sockstat={}))), Unknown)


def test_the_limit_is_only_ever_raised() -> None:
    """To lower it is what brings the trouble about."""
    verdict = check(Model.of(host(1000)))
    assert isinstance(verdict, Finding)
    assert [remedy.value for remedy in verdict.remedies if remedy.key == LIMIT] == ["2000"]
