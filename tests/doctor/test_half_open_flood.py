"""Half-open requests that nobody completes."""

import pytest

from lastack.doctor.half_open_flood import FEW, SMALL, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from tests.model.samples import SERVED, cohort, listener, model

OFF: dict[str, str | None] = {"net.ipv4.tcp_syncookies": "0", "net.ipv4.tcp_synack_retries": "5"}


def verdict_on(
    half_open: int, unanswered: int, backlog: int = 4096, settings: dict[str, str | None] | None = None
) -> Verdict:
    """One listener, requests from one address."""
    requests = cohort("SYN_RECV", half_open, **SERVED, remote="192.0.2.1", retried=unanswered)
    return check(model(requests, listeners=[listener(backlog=backlog)], settings=settings))


@pytest.mark.parametrize(("cookies", "severity"), [("1", "notice"), ("0", "warning")])
def test_a_flood_is_as_bad_as_what_stands_behind_the_queue(cookies: str, severity: str) -> None:
    """Cookies cost options; without them the door is shut in the end."""
    verdict = verdict_on(300, 280, settings={"net.ipv4.tcp_syncookies": cookies})
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == (severity, "high")
    assert (
        verdict.summary == "280 half-open requests to 0.0.0.0:80 from 1 address or more do not finish their handshake"
    )


def test_a_full_queue_is_for_syn_queue_to_tell() -> None:
    """One alarm, not two."""
    verdict = verdict_on(120, 120, backlog=128, settings=OFF)
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"


@pytest.mark.parametrize(("half_open", "unanswered"), [(2000, 0), (FEW - 1, FEW - 1), (2000, 999)])
def test_a_burst_that_is_completed_is_no_flood(half_open: int, unanswered: int) -> None:
    """Nor are a few that are lost on the way."""
    assert isinstance(verdict_on(half_open, unanswered), Healthy)


def test_a_small_backlog_without_cookies_is_an_invitation() -> None:
    """129 requests that stay for 63 s each: two a second."""
    verdict = verdict_on(1, 0, backlog=SMALL, settings=OFF)
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"
    assert verdict.summary == "2.0 SYNs a second that are never completed shut 0.0.0.0:80"
    assert isinstance(verdict_on(1, 0, backlog=SMALL + 1, settings=OFF), Healthy)


def test_loopback_is_no_door_to_the_world() -> None:
    """Only this host's own programs come there."""
    verdict = check(model(listeners=[listener(address="127.0.0.1", backlog=4)], settings=OFF))
    assert isinstance(verdict, Healthy)
    assert verdict.absent


def test_cannot_tell_without_timers() -> None:
    """Slow and forged ones look alike then."""
    requests = cohort("SYN_RECV", FEW, **SERVED)
    assert isinstance(check(model(requests, listeners=[listener()], has_timers=False)), Unknown)
