"""Whether ports in TIME_WAIT can be reused where it is needed."""

import pytest

from lastack.doctor.time_wait_reuse import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from lastack.model.sample import Sample
from tests.model.samples import UPSTREAM, closed, later, sample

REUSE, TIMESTAMPS = "net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_timestamps"
# 1,000 ports, and 10 closes a second for a minute: 600 in TIME_WAIT.
PORTS: dict[str, str | None] = {"net.ipv4.ip_local_port_range": "40000 40999", REUSE: "1"}
STEADY = dict.fromkeys(range(60), 10)


def host(closes: dict[int, int] | None = None, settings: dict[str, str | None] | None = None, **ends: str) -> Sample:
    """A client of one destination."""
    return sample(closed(STEADY if closes is None else closes, **UPSTREAM | ends), settings=PORTS | (settings or {}))


def test_no_destination_needs_it() -> None:
    """Fewer than a quarter of the ports are in TIME_WAIT."""
    assert isinstance(check(Model.of(host({5: 249}))), Healthy)
    assert isinstance(check(Model.of(sample())), Healthy)


def test_one_sample_cannot_tell_what_the_peer_does() -> None:
    """Its timestamps are its own."""
    verdict = check(Model.of(host()))
    assert isinstance(verdict, Unknown)
    assert verdict.reason.endswith("hangs on the peer's timestamps: one sample only")


def test_ports_that_are_taken_over() -> None:
    """Show that it works."""
    verdict = check(later(host(), host(), TWRecycled=40))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "40 ports taken over from TIME_WAIT in 10 s"


def test_none_is_although_many_should_be() -> None:
    """100 new connections, 480 of 1,000 ports old enough: 48 expected, none seen; and without reuse ports last."""
    verdict = check(later(host(), host(), TWRecycled=0))
    assert isinstance(verdict, Finding)
    assert verdict.evidence["expected"] == pytest.approx(100 * (600 - 100 - 20) / 1000)
    assert verdict.severity == "notice"


def test_a_warning_where_the_ports_run_out_without_it() -> None:
    """20 a second for 40 s, 800 of 1,000 in use, 20 to come each second: gone in 10 s."""
    busy = dict.fromkeys(range(40), 20)
    verdict = check(later(host(busy), host(busy), TWRecycled=0))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"
    assert not any(remedy.kind == "setting" for remedy in verdict.remedies)


def test_too_few_connections_to_tell() -> None:
    """Nobody connected in between, so nothing could be taken over."""
    verdict = check(later(host({30: 600}), host({30: 600}), TWRecycled=0))
    assert isinstance(verdict, Unknown)
    assert verdict.reason.endswith("too few new connections to tell")


def test_no_timestamps_here() -> None:
    """The setting that was made is without effect."""
    verdict = check(Model.of(host(settings={TIMESTAMPS: "0"})))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.remedies[0].key) == ("notice", TIMESTAMPS)


@pytest.mark.parametrize(("reuse", "summary"), [("0", "reuse is off: ports wait for 60 s"), ("2", "reuse is off")])
def test_off_is_a_choice(reuse: str, summary: str) -> None:
    """Whether it should be on is for the rule about ports to say."""
    verdict = check(Model.of(host(settings={REUSE: reuse})))
    assert isinstance(verdict, Healthy)
    assert verdict.summary.startswith(summary)


def test_loopback_is_certain() -> None:
    """Both ends are here."""
    verdict = check(Model.of(host(settings={REUSE: "2"}, local="127.0.0.1", remote="127.0.0.1")))
    assert isinstance(verdict, Healthy)
    assert "certain" in verdict.summary


def test_not_visible() -> None:
    """Cannot tell."""
    assert isinstance(check(Model.of(host(settings={REUSE: None}))), Unknown)
