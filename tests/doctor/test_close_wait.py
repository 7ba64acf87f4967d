"""CLOSE_WAIT: leaking, draining, a busy moment, cannot tell."""

import pytest
from msgspec.structs import replace

from lastack.doctor.close_wait import DRAIN_S, FEW, MANY, OLD_S, SHARE, TABLE_FULL, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.model import Model
from lastack.model.sample import OpenFiles, Sample, Silence
from tests.model.samples import SERVED, article, cohort, later, model, sample

APP = {**SERVED, "process": "app/7", "uid": 33}


def leaking(count: int, established: int = 0) -> Sample:
    """One program with so many CLOSE_WAIT beside its open connections."""
    return sample(
        cohort("CLOSE_WAIT", count, **APP), *([cohort("ESTABLISHED", established, **APP)] if established else [])
    )


def alone(count: int, established: int = 0) -> Verdict:
    """The verdict on one sample."""
    return check(Model.of(leaking(count, established)))


def test_the_article() -> None:
    """125 of 1,195 connections of one program: the one thing wrong on that host."""
    verdict = check(Model.of(article()))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("warning", "medium")
    assert verdict.summary == "httpd holds 125 connections that the peer has closed (CLOSE_WAIT)"
    assert verdict.evidence["close_wait"] == 125
    assert verdict.evidence["holders"] == [
        {
            "holder": "httpd",
            "close_wait": 125,
            "share_percent": 10.5,
            "connections": 1195,
            "growth": None,
            "silent_for_64_s": None,
            "oldest_s_at_least": None,
            "processes": "httpd/812 (125)",
            "places": "10.0.0.1:80 (125)",
        }
    ]


def test_no_setting_is_recommended() -> None:
    """None ends CLOSE_WAIT."""
    verdict = alone(500)
    assert isinstance(verdict, Finding)
    assert {remedy.kind for remedy in verdict.remedies} == {"application"}


@pytest.mark.parametrize(
    ("count", "connections", "answer"),
    [
        (0, 9, Healthy),
        (FEW - 1, FEW, Healthy),
        (FEW, FEW / SHARE + 1, Healthy),
        (FEW, FEW / SHARE, Unknown),
        (MANY - 1, MANY, Unknown),
        (MANY, MANY, Finding),
        (MANY, MANY / SHARE, Finding),
        (MANY, MANY / SHARE + 1, Unknown),
    ],
)
def test_one_sample_goes_by_number_and_share(count: int, connections: float, answer: type[Verdict]) -> None:
    """Both low is normal, both high a leak, and where they differ one sample cannot tell."""
    assert isinstance(alone(count, int(connections) - count), answer)


@pytest.mark.parametrize(("growth", "answer"), [(42, Healthy), (43, Finding)])
def test_two_samples_of_a_busy_host_go_by_growth(growth: int, answer: type[Verdict]) -> None:
    """100 of 10,000 are turnover unless they grow by more than chance: 3 x sqrt(2 x 100) is 42.4."""
    verdict = check(later(leaking(100 - growth, 9_900), leaking(100, 9_900)))
    assert isinstance(verdict, answer)


def test_a_sudden_burst_is_less_sure() -> None:
    """All clients closed just now: two samples do not tell that from a leak."""
    verdict = check(later(leaking(0, 2000), leaking(2000)))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("warning", "medium")


def test_cannot_tell_says_what_would_tell() -> None:
    """The program, the number, and that it is one sample."""
    verdict = alone(37)
    assert isinstance(verdict, Unknown)
    assert "app has 37 CLOSE_WAIT among 37 connections" in verdict.reason
    assert "one sample only" in verdict.reason


@pytest.mark.parametrize("now", [FEW, FEW + 5])
def test_two_samples_find_what_stays(now: int) -> None:
    """Constant or growing: nobody closes them, few as they are."""
    verdict = check(later(leaking(FEW), leaking(now)))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("warning", "high")


def test_growth_is_in_the_summary() -> None:
    """By how many."""
    verdict = check(later(leaking(100), leaking(140)))
    assert isinstance(verdict, Finding)
    assert verdict.summary.endswith("40 more than before")


@pytest.mark.parametrize(("fell", "answer"), [(20, Healthy), (19, Finding)])
def test_draining_within_a_minute(fell: int, answer: type[Verdict]) -> None:
    """120 left and 20 fewer in 10 s: gone in 60 s."""
    assert 120 * 10 / 20 == DRAIN_S < 120 * 10 / 19
    verdict = check(later(leaking(120 + fell), leaking(120)))
    assert isinstance(verdict, answer)
    if isinstance(verdict, Healthy):
        assert verdict.summary == "120 CLOSE_WAIT, draining"


@pytest.mark.parametrize(("count", "severity"), [(TABLE_FULL - 1, "warning"), (TABLE_FULL, "critical")])
def test_a_process_near_the_usual_file_limit(count: int, severity: str) -> None:
    """1,024 files, where nobody raised it."""
    verdict = check(later(leaking(count), leaking(count)))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity


@pytest.mark.parametrize(
    ("count", "limit", "severity"), [(90, 100, "critical"), (89, 100, "warning"), (5_000, 10**6, "warning")]
)
def test_a_process_near_its_own_limit(count: int, limit: int, severity: str) -> None:
    """Where that is visible it counts, and the usual one does not."""
    files = [OpenFiles(process="app/7", open=count, limit=limit)]
    now = replace(leaking(count), files=files)
    verdict = check(later(now, now))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity


def test_one_sample_is_never_critical() -> None:
    """It does not show that they stay."""
    verdict = alone(50_000)
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"


def test_workers_of_one_program_add_up() -> None:
    """Fifty processes with three each."""
    workers = [cohort("CLOSE_WAIT", 3, **SERVED, process=f"php-fpm/{n}", uid=33) for n in range(50)]
    verdict = check(model(*workers))
    assert isinstance(verdict, Finding)
    assert verdict.summary.startswith("php-fpm holds 150")


def test_different_programs_do_not() -> None:
    """Ten programs with ten each are ten busy moments."""
    verdict = check(model(*[cohort("CLOSE_WAIT", 10, **SERVED, process=f"p{n}/1", uid=1) for n in range(10)]))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "100 CLOSE_WAIT, no more than closing takes"


def aged(count: int, seconds: dict[int, int]) -> Sample:
    """One program's CLOSE_WAIT among 10,000 connections, and how long their peers have been silent."""
    silences = [Silence(state="CLOSE_WAIT", process="app/7", uid=33, seconds=seconds)]
    return replace(leaking(count, 10_000 - count), silences=silences)


@pytest.mark.parametrize(
    ("seconds", "answer"),
    [({0: 5, OLD_S: FEW}, Finding), ({0: 5, OLD_S // 2: FEW}, Healthy), ({0: 5, OLD_S: FEW - 1}, Healthy)],
)
def test_age_tells_from_one_sample(seconds: dict[int, int], answer: type[Verdict]) -> None:
    """Twenty over a minute old are a leak, few as they are among ten thousand; younger ones are turnover."""
    verdict = check(Model.of(aged(sum(seconds.values()), seconds)))
    assert isinstance(verdict, answer)
    if isinstance(verdict, Finding):
        assert (verdict.severity, verdict.confidence) == ("warning", "high")
        assert "20 of them for over a minute" in verdict.summary


def test_old_ones_that_drain_are_left_alone() -> None:
    """Closing late, but closing: 30 of 60 gone in ten seconds."""
    assert isinstance(check(later(leaking(60, 9_900), aged(30, {OLD_S: 30}))), Healthy)


def test_a_hidden_process() -> None:
    """Its owner is known, and why no more."""
    verdict = check(model(cohort("CLOSE_WAIT", 200, **SERVED, uid=33), unseen={"processes": "needs root"}))
    assert isinstance(verdict, Finding)
    assert verdict.summary.startswith("a process of uid 33 holds 200")
    assert verdict.evidence["processes_unseen"] == "needs root"


def test_nobody_accepted_them() -> None:
    """Then the accept queue is to blame."""
    verdict = check(model(cohort("CLOSE_WAIT", 200, **SERVED)))
    assert isinstance(verdict, Finding)
    assert "wait for accept()" in verdict.summary
    assert "accept-queue" in verdict.remedies[0].text


def test_folded_sockets_have_some_holder() -> None:
    """Which one, the sample does not tell."""
    verdict = check(model(cohort("CLOSE_WAIT", 200)))
    assert isinstance(verdict, Finding)
    assert verdict.summary.startswith("a process out of sight holds 200")


def test_a_short_look_at_a_busy_host() -> None:
    """50 CLOSE_WAIT that come and go, 25 of 50 fewer in ten seconds, are closing."""
    assert isinstance(check(later(leaking(75, 9000), leaking(50, 9000))), Healthy)
