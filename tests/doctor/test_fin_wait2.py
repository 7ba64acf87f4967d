"""FIN_WAIT2: orphans that a timer ends, and half-closed connections that nothing ends."""

import pytest

from lastack.doctor.fin_wait2 import FEW, MANY, OLD_S, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.model import Model
from lastack.model.sample import Silence
from tests.model.samples import SERVED, article, cohort, later, model, sample


def held(seconds: dict[int, int] | None, count: int = MANY) -> Verdict:
    """One program's half-closed connections, and how long their peers have been silent."""
    silences = None
    if seconds is not None:
        silences = [Silence(state="FIN_WAIT2", process="app/7", uid=33, seconds=seconds)]
    others = cohort("ESTABLISHED", MANY + 1, **SERVED, process="app/7", uid=33)
    return check(model(cohort("FIN_WAIT2", count, **SERVED, process="app/7", uid=33), others, silences=silences))


def test_old_ones_are_a_leak() -> None:
    """Twenty that have been silent for over a minute; not half of the connections, so a notice."""
    verdict = held({0: MANY - FEW, OLD_S: FEW})
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("notice", "high")
    assert verdict.summary.startswith("app keeps 100 half-closed connections")
    assert verdict.summary.endswith("20 of them for over 64 s")
    assert verdict.evidence["orphans"] == 0


def test_lingering_close_is_short() -> None:
    """A server that lets its clients read the rest."""
    verdict = held({0: 50, 8: 31, OLD_S: FEW - 1})
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "100 held in FIN_WAIT2, none for long"


@pytest.mark.parametrize(("others", "answer"), [(MANY, Finding), (MANY + 1, Healthy)])
def test_many_young_ones_are_a_leak_in_the_making(others: int, answer: type[Verdict]) -> None:
    """A hundred, and half of the program's connections: less sure, and graver."""
    held_ones = cohort("FIN_WAIT2", MANY, **SERVED, process="app/7", uid=33)
    silences = [Silence(state="FIN_WAIT2", process="app/7", uid=33, seconds={1: MANY})]
    verdict = check(model(held_ones, cohort("ESTABLISHED", others, **SERVED, process="app/7"), silences=silences))
    assert isinstance(verdict, answer)
    if isinstance(verdict, Finding):
        assert (verdict.severity, verdict.confidence) == ("warning", "medium")


def test_those_that_drain_are_left_alone() -> None:
    """300 of 400 gone in ten seconds."""
    before, now = (sample(cohort("FIN_WAIT2", n, **SERVED, process="app/7", uid=33)) for n in (400, 100))
    assert isinstance(check(later(before, now)), Healthy)


def test_orphans_end_by_themselves() -> None:
    """247 on the article's host."""
    verdict = check(Model.of(article()))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "247 orphans in FIN_WAIT2, which a timer ends"


def test_cannot_tell_without_ages() -> None:
    """Where sock_diag is out of reach, many may be old or young; a few are no trouble either way."""
    verdict = held(None)
    assert isinstance(verdict, Unknown)
    assert "app holds 100 FIN_WAIT2" in verdict.reason
    assert isinstance(held(None, MANY - 1), Healthy)


def test_one_orphan_is_one() -> None:
    """In the singular."""
    verdict = check(model(cohort("FIN_WAIT2", 1, **SERVED, orphan=True)))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "1 orphan in FIN_WAIT2, which a timer ends"
