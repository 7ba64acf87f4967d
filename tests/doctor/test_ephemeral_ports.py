"""Ephemeral ports: short now, short soon, fine, out of sight."""

import pytest

from lastack.doctor.ephemeral_ports import LOW_HEADROOM, NOW_S, SHOWN, SOON_S, check, strain
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.model import Model
from lastack.model.sample import Cohort
from tests.model.samples import DEFAULT_PORTS, SERVED, UPSTREAM, article, closed, cohort, later, model, sample

TEN_PORTS = {"net.ipv4.ip_local_port_range": "40000 40009"}
LOOPBACK = {"role": "active", "local": "127.0.0.1", "remote": "127.0.0.1", "remote_port": 9000}


def held(count: int) -> Cohort:
    """So many open connections to one destination."""
    return cohort("ESTABLISHED", count, **UPSTREAM, process="nginx/7")


def severity(verdict: Verdict) -> str | None:
    """Of a finding; None: healthy."""
    return verdict.severity if isinstance(verdict, Finding) else None


def test_a_server_opens_nothing() -> None:
    """25,087 TIME_WAIT on its own port use none of its ephemeral ports."""
    verdict = check(Model.of(article()))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "no connections opened from here"


@pytest.mark.parametrize(
    ("used", "expected"),
    [(DEFAULT_PORTS * 8 // 10, None), (DEFAULT_PORTS * 8 // 10 + 1, "warning"), (DEFAULT_PORTS, "critical")],
)
def test_headroom(used: int, expected: str | None) -> None:
    """Less than a fifth left, and none left."""
    assert (DEFAULT_PORTS - used < LOW_HEADROOM * DEFAULT_PORTS) == (expected is not None)
    assert severity(check(model(held(used)))) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(NOW_S, "critical"), (NOW_S + 1, "warning"), (SOON_S, "warning"), (SOON_S + 1, None)]
)
def test_time_to_exhaustion(seconds: int, expected: str | None) -> None:
    """Half the ports are free, and connections pile up so fast that those last so many seconds."""
    used = DEFAULT_PORTS // 2
    ten_seconds_of_growth = -(-10 * (DEFAULT_PORTS - used) // seconds)
    made = later(sample(held(used - ten_seconds_of_growth)), sample(held(used)))
    outlook = made.destinations[0].outlook
    assert outlook is not None
    assert outlook.exhausted_in_s == seconds
    assert severity(check(made)) == expected


def test_many_time_wait_over_many_destinations() -> None:
    """A million closes, 1,000 to each: nobody is short."""
    spread = [closed({30: 1000}, **UPSTREAM | {"remote": f"10.1.{n // 250}.{n % 250}"}) for n in range(1000)]
    verdict = check(model(*spread))
    assert isinstance(verdict, Healthy)
    assert "1,000 of 28,232" in verdict.summary


def test_the_evidence() -> None:
    """Numbers and names of the worst destination."""
    verdict = check(model(closed(dict.fromkeys(range(40), 600), **UPSTREAM), held(300)))
    assert isinstance(verdict, Finding)
    assert verdict.summary == "local ports towards 10.0.0.1 > 10.0.0.2:8080 run out in 7 s at the present rate"
    assert verdict.evidence["available_ports"] == DEFAULT_PORTS
    assert verdict.evidence["destinations"] == [
        {
            "destination": "10.0.0.1 > 10.0.0.2:8080",
            "in_use": 24_300,
            "time_wait": 24_000,
            "headroom": 3_932,
            "used_percent": 86.1,
            "closes_per_s": 600.0,
            "opens_per_s": 600.0,
            "exhausted_in_s": 7,
            "time_wait_reuse": "none",
            "headroom_if_reused": None,
            "processes": "nginx/7",
        }
    ]
    assert "470 such connections a second" in verdict.cause


def test_several_destinations_are_one_finding() -> None:
    """The most urgent first, no more than fit."""
    short = [
        held(DEFAULT_PORTS - 100),
        *[cohort("ESTABLISHED", 28_000, **UPSTREAM | {"remote_port": n}) for n in range(1, 9)],
    ]
    short.append(cohort("ESTABLISHED", DEFAULT_PORTS, **UPSTREAM | {"remote_port": 99}))
    verdict = check(model(*short))
    assert isinstance(verdict, Finding)
    assert "10.0.0.2:99" in verdict.summary
    assert verdict.summary.endswith("9 more destinations short of ports")
    assert verdict.severity == "critical"
    shown = verdict.evidence["destinations"]
    assert isinstance(shown, list)
    assert len(shown) == SHOWN


def test_reuse_on_loopback_is_relied_on() -> None:
    """The peer is this very host: 28,000 in TIME_WAIT block only those of the last second."""
    assert isinstance(check(model(closed(dict.fromkeys(range(56), 500), **LOOPBACK))), Healthy)


def test_reuse_that_hangs_on_the_peer_is_a_notice() -> None:
    """Whether it works cannot be seen from here, and the finding says so."""
    verdict = check(model(closed(dict.fromkeys(range(56), 504), **UPSTREAM), settings={"net.ipv4.tcp_tw_reuse": "1"}))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("notice", "medium")
    assert "unless the peer has timestamps" in verdict.summary


def test_reuse_does_not_help_open_connections() -> None:
    """Exhausted either way."""
    assert severity(check(model(held(DEFAULT_PORTS), settings={"net.ipv4.tcp_tw_reuse": "1"}))) == "critical"


def test_a_forecast_from_one_sample_is_less_sure() -> None:
    """Its rate is that of ten seconds."""
    made = model(closed(dict.fromkeys(range(10), 600), **UPSTREAM))
    verdict = check(made)
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("warning", "medium")


def test_more_in_use_than_there_are_is_less_sure() -> None:
    """Some of those ports are not of the range."""
    verdict = check(model(held(11), settings=TEN_PORTS))
    assert isinstance(verdict, Finding)
    assert verdict.confidence == "medium"


def test_what_the_summary_says_when_none_is_left() -> None:
    """And what connect() will say."""
    verdict = check(model(held(10), settings=TEN_PORTS))
    assert isinstance(verdict, Finding)
    assert verdict.summary.startswith("no local port is left")
    assert "EADDRNOTAVAIL" in verdict.summary
    assert "10 connections" in verdict.cause


def test_cannot_tell_without_the_range() -> None:
    """How many ports there are is not visible."""
    verdict = check(model(held(1), settings={"net.ipv4.ip_local_port_range": None}))
    assert isinstance(verdict, Unknown)
    assert "ip_local_port_range" in verdict.reason


def test_what_a_healthy_verdict_did_not_see() -> None:
    """TIME_WAIT without timers, and destinations that the sample folded."""
    verdict = check(model(cohort("TIME_WAIT", 9, **UPSTREAM), cohort("ESTABLISHED", 3, role="active", remote_port=80)))
    assert isinstance(verdict, Healthy)
    assert set(verdict.unseen) == {"rates of closes", "small destinations"}


def test_strain_is_none_for_a_destination_with_room() -> None:
    """And for one whose ports are not known."""
    roomy, unknown = model(held(1)), model(held(1), settings={"net.ipv4.ip_local_port_range": None})
    assert strain(roomy.destinations[0]) is None
    assert strain(unknown.destinations[0]) is None


def test_connections_of_clients_use_no_port() -> None:
    """Served on one port, as many as there are."""
    assert isinstance(check(model(cohort("ESTABLISHED", 60_000, **SERVED))), Healthy)
