"""Whether keepalive can notice."""

import pytest

from lastack.doctor.keepalive_probes import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.sample import Conntrack
from tests.model.samples import UPSTREAM, cohort, model

TIME, PROBES = "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_probes"
FORGETS = "net.netfilter.nf_conntrack_tcp_timeout_established"
LOOSE = "net.netfilter.nf_conntrack_tcp_loose"


def tracked(forgets: str, loose: str = "1", count: int = 5) -> Verdict:
    """A host with a few connections, and a tracker that forgets after so long."""
    return check(
        model(
            cohort("ESTABLISHED", 5, **UPSTREAM, process="nginx/7"),
            conntrack=Conntrack(count=count, max=1000),
            settings={FORGETS: forgets, LOOSE: loose},
        )
    )


def test_the_defaults() -> None:
    """7,200 s and 9 x 75 s."""
    verdict = check(model())
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "first probe after 7,200 s, given up after 7,875 s"


@pytest.mark.parametrize(("forgets", "answer"), [("432000", Healthy), ("7201", Healthy), ("7200", Finding)])
def test_a_tracker_that_forgets_first(forgets: str, answer: type[Verdict]) -> None:
    """The host's own one is in sight."""
    assert isinstance(tracked(forgets), answer)


@pytest.mark.parametrize(("loose", "severity", "confidence"), [("1", "notice", "medium"), ("0", "warning", "high")])
def test_how_bad_it_is(loose: str, severity: str, confidence: str) -> None:
    """A tracker that picks connections up midway loses those behind NAT only."""
    verdict = tracked("600", loose)
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == (severity, confidence)
    assert [(remedy.key, remedy.value) for remedy in verdict.remedies if remedy.key] == [
        (TIME, "300"),
        (FORGETS, "14400"),
    ]
    assert verdict.remedies[0].text.startswith("nginx (server): ")


def test_a_tracker_that_tracks_nothing() -> None:
    """Forgets nothing."""
    assert isinstance(tracked("600", count=0), Healthy)


@pytest.mark.parametrize(("kept_alive", "severity"), [(0, "notice"), (3, "warning")])
def test_no_probes_is_no_keepalive_but_a_reset(kept_alive: int, severity: str) -> None:
    """It bears on those that asked for keepalive."""
    held = cohort("ESTABLISHED", 5, **UPSTREAM, kept_alive=kept_alive)
    verdict = check(model(held, settings={PROBES: "0"}))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity


def test_no_probes_where_timers_are_out_of_sight() -> None:
    """Then it may bear on any."""
    verdict = check(model(cohort("ESTABLISHED", 5, **UPSTREAM), settings={PROBES: "0"}, has_timers=False))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"


def test_not_visible() -> None:
    """Cannot tell."""
    assert isinstance(check(model(settings={TIME: None})), Unknown)
