"""Connections that were opened here and closed first on another host."""

import pytest

from lastack.doctor.closed_elsewhere import CAUGHT
from lastack.doctor.upstream_keep_alive import check
from lastack.doctor.verdicts import Finding, Healthy, Verdict
from lastack.model.sample import Cohort
from tests.model.samples import UPSTREAM, closed, cohort, later, model, sample

OTHER = UPSTREAM | {"remote": "10.0.0.9", "remote_port": 443}
UNSEEN = "closes by other hosts"


def judged(*now: Cohort, opened: int = 2000, seconds: float = 10.0) -> Verdict:
    """So many opened between two samples, of the first of which nothing is left."""
    return check(later(sample(), sample(*now), seconds, Tcp_ActiveOpens=opened))


def test_nothing_shows_but_counters() -> None:
    """2,000 in 10 s that left nothing: a notice, which names nobody and says what shows them."""
    verdict = judged()
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("notice", "medium")
    assert verdict.summary == "at least 200 connections a second are opened here and closed first by their peers"
    assert verdict.evidence["closed_by_peers"] == 2000
    assert "lastack trace" in verdict.remedies[-1].text


def test_the_only_destination_that_shows_is_named() -> None:
    """Five are open, of 2,000; its process is one that we know."""
    verdict = judged(cohort("ESTABLISHED", 5, **UPSTREAM, process="nginx/812"))
    assert isinstance(verdict, Finding)
    assert verdict.summary.endswith("first by their peers; the only destination that shows: 10.0.0.1 > 10.0.0.2:8080")
    assert verdict.remedies[0].text.startswith("nginx (http)")


def test_of_several_none_is_named() -> None:
    """Either may be a pool. Fewer than three caught are anybody's, and those of both tell nothing."""
    for caught in (0, CAUGHT - 1):
        verdict = judged(
            cohort("ESTABLISHED", 5, **UPSTREAM),
            cohort("ESTABLISHED", 5, **OTHER),
            cohort("LAST_ACK", caught, **OTHER),
        )
        assert isinstance(verdict, Finding)
        assert "10.0.0" not in verdict.summary
    both = judged(cohort("LAST_ACK", 9, **UPSTREAM), cohort("LAST_ACK", 9, **OTHER))
    assert isinstance(both, Finding)
    assert "10.0.0" not in both.summary


def test_those_caught_in_the_act_are_named() -> None:
    """Three in LAST_ACK towards one of two."""
    verdict = judged(cohort("ESTABLISHED", 5, **UPSTREAM), cohort("LAST_ACK", CAUGHT, **OTHER))
    assert isinstance(verdict, Finding)
    assert verdict.summary.endswith("; all that were caught closing: 10.0.0.1 > 10.0.0.9:443")
    assert verdict.confidence == "high"


@pytest.mark.parametrize(("opened", "seconds", "fires"), [(99, 2.0, False), (100, 2.0, True), (399, 40.0, False)])
def test_neither_a_burst_nor_health_checks(opened: int, seconds: float, fires: bool) -> None:  # noqa: FBT001 - a table
    """As many as ten a second for ten seconds, and as fast."""
    assert isinstance(judged(opened=opened, seconds=seconds), Finding if fires else Healthy)


def test_what_this_end_closes_itself_is_not_theirs() -> None:
    """1,900 of 2,000 in TIME_WAIT, over long ones: the rest is jitter; the rule speaks of the destination alone."""
    churn = closed(dict.fromkeys(range(10), 190), **UPSTREAM)
    verdict = judged(churn)
    assert isinstance(verdict, Finding)
    assert verdict.summary.startswith("190 connections a second to 10.0.0.1 > 10.0.0.2:8080")
    assert "peers" not in verdict.summary
    assert "closed_by_peers" not in verdict.evidence


def test_beside_an_upstream_that_shows() -> None:
    """An nginx closes some of them before its upstream does: one finding says both."""
    verdict = judged(closed(dict.fromkeys(range(10), 30), **UPSTREAM))
    assert isinstance(verdict, Finding)
    assert verdict.summary == (
        "30 connections a second to 10.0.0.1 > 10.0.0.2:8080, none of which is open now; "
        "at least 170 a second more are closed first by their peers"
    )
    assert verdict.evidence["closed_by_peers"] == 1700


@pytest.mark.parametrize(("held", "fires"), [(333, True), (334, False)])
def test_where_they_may_live_long_it_cannot_tell(held: int, fires: bool) -> None:  # noqa: FBT001 - a table
    """2,000 were opened and ``held`` are open: 166.7 a second of two seconds each at 333."""
    verdict = judged(cohort("ESTABLISHED", held, **UPSTREAM))
    if fires:
        assert isinstance(verdict, Finding)
    else:
        assert isinstance(verdict, Healthy)
        assert verdict.unseen == {UNSEEN: "167 a second beside 334 open: how long each lives does not show"}


def test_one_sample_does_not_tell() -> None:
    """And nothing is made of counters since boot."""
    verdict = check(model(counters={"Tcp": {"ActiveOpens": 10**9}}))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen == {UNSEEN: "one sample only"}
    assert verdict.absent


def test_a_calm_host_says_so() -> None:
    """Some are opened, and nothing shows; none are."""
    for opened, absent in ((80, False), (0, True)):
        verdict = judged(opened=opened)
        assert isinstance(verdict, Healthy)
        assert (verdict.absent, verdict.unseen) == (absent, {})
