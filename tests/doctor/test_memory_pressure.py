"""TCP's memory."""

import pytest

from lastack.doctor.memory_pressure import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from lastack.model.sample import Sample
from tests.model.samples import later, sample


def host(pages: int, *, scarce: bool | None = False, marks: str | None = "100 200 300", orphans: int = 0) -> Sample:
    """A machine whose TCP sockets hold so much."""
    return sample(
        sockstat={"TCP": {"orphan": orphans, "mem": pages}},
        memory_pressure=scarce,
        settings={"net.ipv4.tcp_mem": marks, "net.ipv4.tcp_max_orphans": "1000"},
    )


@pytest.mark.parametrize(("pages", "severity"), [(0, None), (200, None), (201, "warning"), (300, "critical")])
def test_the_three_marks(pages: int, severity: str | None) -> None:
    """Scarce above the second, none left at the third."""
    assert getattr(check(Model.of(host(pages))), "severity", None) == severity


def test_pressure_lasts_until_the_first_mark() -> None:
    """So between the two the kernel's flag tells, not the number."""
    verdict = check(Model.of(host(150, scarce=True)))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"
    assert verdict.summary == "TCP's memory is scarce on this machine: TCP holds 150 of 300 pages"


@pytest.mark.parametrize(("scarce", "answer"), [(True, Finding), (False, Healthy), (None, Unknown)])
def test_in_a_container_the_flag_is_all_there_is(
    scarce: bool | None,  # noqa: FBT001 - what the file says
    answer: type[Finding | Healthy | Unknown],
) -> None:
    """The marks show in the first namespace only."""
    assert isinstance(check(Model.of(host(150, scarce=scarce, marks=None))), answer)


def test_pressure_that_came_and_went() -> None:
    """Between the samples."""
    verdict = check(later(host(50), host(50), TCPMemoryPressures=2, TCPAbortOnMemory=0))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.summary) == ("warning", "TCP's memory was scarce 2 times in 10 s")


@pytest.mark.parametrize(("orphans", "answer"), [(0, Finding), (500, Healthy)])
def test_resets_are_for_one_reason(orphans: int, answer: type[Finding | Healthy]) -> None:
    """Where orphans are many, they are the reason, and another rule says so."""
    verdict = check(later(host(50, orphans=orphans), host(50, orphans=orphans), TCPAbortOnMemory=3))
    assert isinstance(verdict, answer)
    assert getattr(verdict, "severity", "critical") == "critical"


def test_counters_since_boot_are_no_evidence() -> None:
    """One sample with large counters is healthy."""
    before = sample(counters={"TcpExt": {"TCPAbortOnMemory": 9999, "TCPMemoryPressures": 9999}})
    assert isinstance(check(Model.of(before)), Healthy)


def test_more_memory_is_the_last_remedy() -> None:
    """And three numbers, doubled."""
    verdict = check(Model.of(host(300)))
    assert isinstance(verdict, Finding)
    assert (verdict.remedies[-1].key, verdict.remedies[-1].value) == ("net.ipv4.tcp_mem", "200 400 600")
