"""SYN queues: filling, answered with cookies, dropping, fine, out of sight."""

import pytest

from lastack.doctor.syn_queue import capacity, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.model import Model
from lastack.model.sample import Sample
from tests.model.samples import SERVED, article, cohort, later, listener, model, sample

COOKIES = "net.ipv4.tcp_syncookies"
MAX_SYN_BACKLOG = "net.ipv4.tcp_max_syn_backlog"


def half_open(count: int, backlog: int | None = 99, settings: dict[str, str | None] | None = None) -> Sample:
    """So many requests at one listener."""
    return sample(cohort("SYN_RECV", count, **SERVED), listeners=[listener(backlog=backlog)], settings=settings)


def severity(verdict: Verdict) -> str | None:
    """Of a finding; None: healthy."""
    return verdict.severity if isinstance(verdict, Finding) else None


@pytest.mark.parametrize(
    ("count", "cookies", "expected"),
    [
        (74, "1", None),
        (75, "1", "warning"),
        (100, "1", "warning"),
        (74, "0", None),
        (75, "0", "warning"),
        (100, "0", "critical"),
    ],
)
def test_fill(count: int, cookies: str, expected: str | None) -> None:
    """Room for 100: three quarters and full; without cookies, full means drops."""
    assert severity(check(Model.of(half_open(count, settings={COOKIES: cookies})))) == expected


@pytest.mark.parametrize(("most", "fits"), [(8, 7), (16, 13), (64, 49)])
def test_room_for_strangers_without_cookies(most: int, fits: int) -> None:
    """Three quarters of tcp_max_syn_backlog, as measured on Linux 6.18."""
    made = Model.of(half_open(1, 4096, {COOKIES: "0", MAX_SYN_BACKLOG: str(most)}))
    assert capacity(made, made.syn_queues[0]) == fits


def test_with_cookies_the_backlog_is_the_only_limit() -> None:
    """tcp_max_syn_backlog is without effect: listen(10) holds eleven."""
    made = Model.of(half_open(1, 10, {MAX_SYN_BACKLOG: "8"}))
    assert capacity(made, made.syn_queues[0]) == 11


def test_listeners_that_share_a_port_have_a_queue_each() -> None:
    """150 requests are too many for one queue of 100, and fine for two."""
    both = model(cohort("SYN_RECV", 149, **SERVED), listeners=[listener(backlog=99), listener(backlog=99)])
    assert isinstance(check(both), Healthy)


def test_cookies_between_two_samples() -> None:
    """A flood, or a backlog too short: warning, with the rate."""
    verdict = check(later(half_open(5), half_open(5), SyncookiesSent=50, TCPReqQFullDoCookies=50))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"
    assert verdict.summary == "50 SYN cookies sent in 10 s"
    assert (verdict.evidence["syncookies_sent"], verdict.evidence["syncookies_sent_per_s"]) == (50, 5.0)
    assert verdict.evidence["queue_full_cookies"] == 50


def test_drops_between_two_samples() -> None:
    """Clients are turned away."""
    off = half_open(100, settings={COOKIES: "0"})
    verdict = check(later(off, off, TCPReqQFullDrop=7))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "critical"
    assert "7 SYNs dropped in 10 s" in verdict.summary
    assert (verdict.remedies[0].key, verdict.remedies[0].value) == (COOKIES, "1")


def test_counters_since_boot_are_no_present_trouble() -> None:
    """One sample says nothing of now, and the verdict says so."""
    verdict = check(model(counters={"TcpExt": {"SyncookiesSent": 9999}}, listeners=[listener()]))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen == {"cookies and drops": "one sample only"}


def test_cookies_for_everybody() -> None:
    """2 is for tests: a notice, and no flood."""
    always = half_open(0, settings={COOKIES: "2"})
    verdict = check(later(always, always, SyncookiesSent=500, TCPReqQFullDoCookies=500))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"
    assert verdict.remedies[0].value == "1"


def test_timestamps_matter_for_cookies() -> None:
    """Without them a cookie loses window scaling and SACK."""
    off = half_open(5, settings={"net.ipv4.tcp_timestamps": "0"})
    verdict = check(later(off, off, SyncookiesSent=50))
    assert isinstance(verdict, Finding)
    assert "net.ipv4.tcp_timestamps" in [remedy.key for remedy in verdict.remedies]


def test_never_a_longer_tcp_max_syn_backlog() -> None:
    """With cookies on it does nothing."""
    verdict = check(Model.of(half_open(100)))
    assert isinstance(verdict, Finding)
    assert MAX_SYN_BACKLOG not in [remedy.key for remedy in verdict.remedies]


def test_healthy() -> None:
    """The article's two requests, and none."""
    two = check(Model.of(article()))
    assert isinstance(two, Healthy)
    assert two.summary == "2 half-open requests; no queue near its limit"
    none = check(model())
    assert isinstance(none, Healthy)
    assert none.summary == "no SYN_RECV"


def test_a_burst_that_the_backlog_absorbs() -> None:
    """500 requests at a backlog of 4,096, no cookie sent."""
    burst = half_open(500, 4096)
    verdict = check(later(burst, burst, SyncookiesSent=0, TCPReqQFullDoCookies=0, TCPReqQFullDrop=0))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen == {}


def test_cannot_tell_from_proc_alone() -> None:
    """Requests, but no limits and no rates."""
    verdict = check(Model.of(half_open(300, None)))
    assert isinstance(verdict, Unknown)
    assert "300 SYN_RECV" in verdict.reason
    assert isinstance(check(Model.of(half_open(0, None))), Healthy)


def test_without_limits_the_counters_tell() -> None:
    """No cookie and no drop: no queue was full."""
    hidden = half_open(300, None)
    assert isinstance(check(later(hidden, hidden, SyncookiesSent=0, TCPReqQFullDrop=0)), Healthy)
    assert severity(check(later(hidden, hidden, TCPReqQFullDrop=1))) == "critical"


def test_a_kernel_without_the_counters() -> None:
    """Two samples and none of them."""
    verdict = check(later(sample(), sample()))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen == {"cookies and drops": "this kernel has no such counters"}


def test_a_full_accept_queue_is_the_cause_and_not_a_flood() -> None:
    """Finished handshakes wait in the SYN queue then: one alarm, from accept-queue."""
    requests = cohort("SYN_RECV", 9, **SERVED)
    alone, behind = (model(requests, listeners=[listener(backlog=8, queue=queue)]) for queue in (0, 9))
    for made, severity in ((alone, "warning"), (behind, "notice")):
        verdict = check(made)
        assert isinstance(verdict, Finding)
        assert verdict.severity == severity
    overflowing = check(later(sample(), sample(requests, listeners=[listener(backlog=8)]), ListenOverflows=5))
    assert isinstance(overflowing, Finding)
    assert (overflowing.severity, "accept-queue" in overflowing.cause) == ("notice", True)


def test_answers_tell_a_flood_from_a_burst() -> None:
    """An honest client answers before the SYN-ACK is sent again."""
    for unanswered, words in ((100, "100 of 120 do not answer"), (10, "Only 10 of 120 leave a SYN-ACK unanswered")):
        verdict = check(model(cohort("SYN_RECV", 120, **SERVED, retried=unanswered), listeners=[listener()]))
        assert isinstance(verdict, Finding)
        assert words in verdict.cause
