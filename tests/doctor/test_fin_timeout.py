"""How long an orphaned FIN_WAIT2 lasts."""

import pytest

from lastack.doctor.fin_timeout import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from tests.model.samples import model

KEY = "net.ipv4.tcp_fin_timeout"


@pytest.mark.parametrize("seconds", [1, 15, 60])
def test_up_to_a_minute_it_is_what_it_says(seconds: int) -> None:
    """Whatever it is."""
    verdict = check(model(settings={KEY: str(seconds)}))
    assert isinstance(verdict, Healthy)
    assert verdict.evidence["lasts_s"] == seconds


# Measured on Linux 6.18: 2.1 s, 10.3 s, 30.1 s, 61.1 s.
@pytest.mark.parametrize(("seconds", "lasts"), [(61, 2.1), (65, 10.3), (75, 30.1), (90, 61.1)])
def test_above_it_is_twice_the_excess(seconds: int, lasts: float) -> None:
    """As it was measured, within a second or so of a slack timer."""
    verdict = check(model(settings={KEY: str(seconds)}))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"
    assert verdict.evidence["lasts_s"] == pytest.approx(lasts, abs=1.2)


@pytest.mark.parametrize("seconds", [0, -1])
def test_nothing_at_all(seconds: int) -> None:
    """The kernel takes it, and waits for a moment."""
    verdict = check(model(settings={KEY: str(seconds)}))
    assert isinstance(verdict, Finding)
    assert verdict.summary.endswith("ends after about a second")


def test_the_remedy_is_the_default() -> None:
    """And nothing else."""
    verdict = check(model(settings={KEY: "90"}))
    assert isinstance(verdict, Finding)
    assert [(remedy.key, remedy.value) for remedy in verdict.remedies] == [(KEY, "60")]


def test_not_visible() -> None:
    """Cannot tell."""
    assert isinstance(check(model(settings={KEY: None})), Unknown)
