"""Open files against their limits."""

import pytest

from lastack.doctor.open_files import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from lastack.model.sample import OpenFiles, Sample
from tests.model.samples import SERVED, cohort, later, model, sample


def host(count: int, limit: int = 1000, process: str = "nginx/7", close_wait: int = 0) -> Sample:
    """One process."""
    held = [cohort("CLOSE_WAIT", close_wait, **SERVED, process=process)] if close_wait else []
    return sample(*held, files=[OpenFiles(process=process, open=count, limit=limit)])


@pytest.mark.parametrize(
    ("count", "severity"), [(799, None), (800, "warning"), (979, "warning"), (980, "critical"), (1000, "critical")]
)
def test_by_share_of_the_limit(count: int, severity: str | None) -> None:
    """Four fifths, and nearly all."""
    assert getattr(check(Model.of(host(count))), "severity", None) == severity


@pytest.mark.parametrize(
    ("before", "now", "severity"), [(500, 500, None), (400, 480, None), (400, 500, "warning"), (0, 500, "critical")]
)
def test_by_its_growth(before: int, now: int, severity: str | None) -> None:
    """520 left at 8 a second are 65 s, 500 at 10 are 50 s, 500 at 50 are 10 s."""
    verdict = check(later(host(before), host(now)))
    assert getattr(verdict, "severity", None) == severity


def test_many_files_of_a_high_limit() -> None:
    """Are no trouble."""
    verdict = check(Model.of(host(50_000, 1_048_576)))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "fullest has 50,000 of 1,048,576 files (nginx/7)"


def test_it_names_process_and_line_to_write() -> None:
    """The application's own setting, then the service manager's."""
    verdict = check(Model.of(host(1000)))
    assert isinstance(verdict, Finding)
    assert verdict.summary == "nginx/7 has 1,000 of 1,000 files open"
    assert verdict.remedies[0].lines == ("worker_rlimit_nofile 65536;",)
    assert verdict.remedies[1].lines == ("[Service]", "LimitNOFILE=65536")


def test_a_leak_is_named_as_the_reason() -> None:
    """A higher limit only puts it off."""
    verdict = check(Model.of(host(1000, close_wait=700)))
    assert isinstance(verdict, Finding)
    assert verdict.remedies[0].text.startswith("700 of them are connections that the peer has closed")


def test_hidden_processes() -> None:
    """Some hidden: said beside; all hidden: cannot tell; not in an old file: cannot tell."""
    why = {"processes": "3 processes do not show the sockets they hold"}
    some = check(model(files=[OpenFiles(process="a/1", open=3, limit=1024)], unseen=why))
    assert isinstance(some, Healthy)
    assert some.unseen == why
    assert isinstance(check(model(cohort("ESTABLISHED", 4, **SERVED, uid=33), unseen=why)), Unknown)
    assert isinstance(check(model(files=None)), Unknown)
    assert isinstance(check(model()), Healthy)
