"""TIME_WAIT: harmless, near or at its limit, refused, out of sight."""

import pytest

from lastack.doctor.time_wait import ID, NEAR_LIMIT, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from tests.model.samples import SERVED, UPSTREAM, article, closed, later, model, sample

LIMIT = "net.ipv4.tcp_max_tw_buckets"


def filled(mini_sockets: int, limit: str = "1000") -> Model:
    """A host with so many mini-sockets."""
    return model(
        closed({1: mini_sockets}, **SERVED),
        settings={LIMIT: limit},
        sockstat={"TCP": {"tw": mini_sockets}},
    )


def test_the_article_is_harmless() -> None:
    """25,087 TIME_WAIT on a server: 25,087 x 256 to 25,087 x 521 bytes."""
    verdict = check(Model.of(article()))
    assert isinstance(verdict, Healthy)
    assert "25,087 TIME_WAIT, harmless: 6.4 to 13.1 MB" in verdict.summary
    assert verdict.evidence["memory_low_bytes"] == 6_422_272
    assert verdict.evidence["memory_high_bytes"] == 13_070_327
    assert verdict.evidence["server_closed"] == 25_087


def test_none_at_all() -> None:
    """An idle host."""
    verdict = check(model())
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "no TIME_WAIT"


def test_ports_are_left_to_their_rule_and_mentioned() -> None:
    """Bound to one destination whose ports run short."""
    verdict = check(model(closed(dict.fromkeys(range(60), 440), **UPSTREAM)))
    assert isinstance(verdict, Healthy)
    assert "ephemeral-ports" in verdict.summary
    assert "harmless" not in verdict.summary


@pytest.mark.parametrize(
    ("mini_sockets", "severity"),
    [(int(NEAR_LIMIT * 1000) - 1, None), (int(NEAR_LIMIT * 1000), "notice"), (999, "notice"), (1000, "warning")],
)
def test_the_limit(mini_sockets: int, severity: str | None) -> None:
    """Near it is worth knowing, at it closes go unprotected."""
    verdict = check(filled(mini_sockets))
    assert (verdict.severity if isinstance(verdict, Finding) else None) == severity


def test_orphaned_fin_wait2_counts_against_the_limit() -> None:
    """What sockstat calls tw is what the limit bounds."""
    verdict = check(model(settings={LIMIT: "10"}, sockstat={"TCP": {"tw": 10}}))
    assert isinstance(verdict, Finding)
    assert (verdict.evidence["time_wait"], verdict.evidence["mini_sockets"]) == (0, 10)


def test_remedies_raise_the_limit_and_never_lower_it() -> None:
    """Twice the present need, as a power of two; the application comes first."""
    verdict = check(filled(200_000, "200000"))
    assert isinstance(verdict, Finding)
    application, setting = verdict.remedies
    assert (application.kind, setting.kind) == ("application", "setting")
    assert (setting.key, setting.value) == (LIMIT, str(2**19))
    assert "273.2 MB" in setting.text  # 524,288 x 521 bytes


def test_a_small_limit_becomes_a_useful_one() -> None:
    """Doubling 1,000 would be asking again tomorrow."""
    verdict = check(filled(1000))
    assert isinstance(verdict, Finding)
    assert verdict.remedies[-1].value == "65536"


@pytest.mark.parametrize("refused", [0, 50])
def test_at_the_limit_the_counter_has_the_word(refused: int) -> None:
    """Where it is known how many closes are refused, being at the limit is a notice."""
    now = sample(closed({1: 1000}, **SERVED), settings={LIMIT: "1000"})
    verdict = check(later(now, now, TCPTimeWaitOverflow=refused))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"


def test_refusals_since_boot_are_no_present_trouble() -> None:
    """One sample: the counter says nothing of now."""
    assert isinstance(check(model(counters={"TcpExt": {"TCPTimeWaitOverflow": 50_000}})), Healthy)


def test_switched_off() -> None:
    """A limit of 0."""
    verdict = check(filled(0, "0"))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"


def test_no_limit() -> None:
    """-1 means none."""
    assert isinstance(check(filled(5000, "-1")), Healthy)


def test_cannot_tell_without_limit_and_counter() -> None:
    """What is known, the cost, is told all the same."""
    verdict = check(model(closed({1: 1000}, **SERVED), settings={LIMIT: None}))
    assert isinstance(verdict, Unknown)
    assert verdict.id == ID
    assert LIMIT in verdict.reason
    assert verdict.evidence["memory_high_bytes"] == 521_000


def test_without_limit_the_counter_tells() -> None:
    """Nothing refused is healthy, whatever the limit."""
    hidden = sample(settings={LIMIT: None})
    assert isinstance(check(later(hidden, hidden, TCPTimeWaitOverflow=0)), Healthy)
