"""Upstreams without keep-alive."""

import pytest

from lastack.doctor.upstream_keep_alive import BUSY_PER_S, check
from lastack.doctor.verdicts import Finding, Healthy, Verdict
from tests.model.samples import DEFAULT_PORTS, SERVED, UPSTREAM, closed, cohort, model


def upstream(per_second: int, held: int, seconds: int = 20) -> Verdict:
    """One destination with so many closes a second for a while, and so many connections open."""
    return check(
        model(
            closed(dict.fromkeys(range(seconds), per_second), **UPSTREAM),
            cohort("ESTABLISHED", held, **UPSTREAM, process="nginx/812"),
        )
    )


def test_churn_is_a_notice_while_ports_suffice() -> None:
    """100 a second with 5 open live for 50 ms each."""
    verdict = upstream(100, 5)
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"
    assert verdict.summary == "100 connections a second to 10.0.0.1 > 10.0.0.2:8080, 50 ms each"
    assert "nginx" in verdict.remedies[0].text
    upstreams = verdict.evidence["upstreams"]
    assert isinstance(upstreams, list)
    # 6,000 of 28,232.
    assert (upstreams[0]["life_s"], upstreams[0]["ports_at_this_rate_percent"]) == (0.05, 21.3)


@pytest.mark.parametrize(("per_second", "severity"), [(235, "notice"), (236, "warning")])
def test_a_warning_where_half_of_the_ports_will_go(per_second: int, severity: str) -> None:
    """235.3 a second are half of 28,232 a minute."""
    assert 235 < DEFAULT_PORTS / 120 < 236
    verdict = upstream(per_second, 5)
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity


def test_where_ports_run_out_the_alarm_is_raised_already() -> None:
    """600 a second: ephemeral-ports warns."""
    verdict = upstream(600, 5, seconds=40)
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"


@pytest.mark.parametrize(("per_second", "held"), [(BUSY_PER_S - 1, 1), (50, 100), (400, 40_000)])
def test_health_checks_and_used_connections_are_no_churn(per_second: int, held: int) -> None:
    """Nine a second; 50 a second of two seconds each; a busy pool with some turnover."""
    assert isinstance(upstream(per_second, held), Healthy)


def test_what_clients_do_is_not_ours() -> None:
    """A server's short connections."""
    verdict = check(model(closed(dict.fromkeys(range(60), 400), **SERVED)))
    assert isinstance(verdict, Healthy)
    assert verdict.absent


def test_without_dates_the_rate_is_out_of_sight() -> None:
    """TIME_WAIT of a source without timers."""
    verdict = check(model(cohort("TIME_WAIT", 5000, **UPSTREAM)))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen["connections a second"] == "TIME_WAIT without timers"


def test_an_upstream_on_this_host_that_closes_first() -> None:
    """One sample tells: 40 a second in TIME_WAIT at its end, two open: a notice, and no port is spent."""
    there = {"role": "passive", "local": "127.0.0.1", "local_port": 9000, "remote": "127.0.0.1"}
    here = {"role": "active", "local": "127.0.0.1", "remote": "127.0.0.1", "remote_port": 9000}
    verdict = check(
        model(
            closed(dict.fromkeys(range(20), 40), **there),
            cohort("ESTABLISHED", 2, **here, process="nginx/812"),
        )
    )
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"
    assert verdict.summary == ("40 connections a second to 127.0.0.1 > 127.0.0.1:9000, 50 ms each, closed there first")
    assert "no local port" in verdict.cause
    assert "fastcgi_keep_conn" in str(verdict.remedies[0].lines)


def test_what_a_pool_on_this_host_loses_now_and_then() -> None:
    """Forty a second of ten seconds each."""
    there = {"role": "passive", "local": "127.0.0.1", "local_port": 9000, "remote": "127.0.0.1"}
    here = {"role": "active", "local": "127.0.0.1", "remote": "127.0.0.1", "remote_port": 9000}
    verdict = check(model(closed(dict.fromkeys(range(20), 40), **there), cohort("ESTABLISHED", 400, **here)))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "connections to the busiest upstream are used for a while"
