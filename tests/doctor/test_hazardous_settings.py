"""Settings that do harm."""

import pytest

from lastack.doctor.hazardous_settings import HAZARDS, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.settings.catalogue.rows import SETTINGS
from tests.model.samples import model

CASES = [
    ("net.ipv4.tcp_tw_recycle", "0", None),
    ("net.ipv4.tcp_tw_recycle", "1", "warning"),
    ("net.ipv4.tcp_max_tw_buckets", "131072", None),
    ("net.ipv4.tcp_max_tw_buckets", "131071", "notice"),
    ("net.ipv4.tcp_max_tw_buckets", "-1", None),
    ("net.ipv4.tcp_max_orphans", "131072", None),
    ("net.ipv4.tcp_max_orphans", "4096", "notice"),
    ("net.ipv4.tcp_abort_on_overflow", "1", "notice"),
    ("net.ipv4.tcp_retries2", "8", None),
    ("net.ipv4.tcp_retries2", "7", "notice"),
    ("net.ipv4.tcp_syn_retries", "2", None),
    ("net.ipv4.tcp_syn_retries", "1", "notice"),
    ("net.ipv4.tcp_synack_retries", "1", None),
    ("net.ipv4.tcp_synack_retries", "0", "notice"),
]


@pytest.mark.parametrize(("key", "value", "severity"), CASES)
def test_each_hazard(key: str, value: str, severity: str | None) -> None:
    """From which value on."""
    verdict = check(model(settings={key: value}))
    assert getattr(verdict, "severity", None) == severity


def test_every_row_has_a_case_that_fires() -> None:
    """And its key a row in the catalogue."""
    assert {one.key for one in HAZARDS} == {key for key, _, severity in CASES if severity}
    assert {one.key for one in HAZARDS} <= SETTINGS.keys()


def test_the_worst_comes_first() -> None:
    """With what to set, and where that is from."""
    verdict = check(model(settings={"net.ipv4.tcp_abort_on_overflow": "1", "net.ipv4.tcp_tw_recycle": "1"}))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"
    assert [(remedy.key, remedy.value) for remedy in verdict.remedies] == [
        ("net.ipv4.tcp_tw_recycle", "0"),
        ("net.ipv4.tcp_abort_on_overflow", "0"),
    ]
    assert verdict.summary.endswith("; 1 more likewise")


def test_without_the_size_of_the_table_no_limit_is_called_low() -> None:
    """Kernels before 6.1 do not show it."""
    settings: dict[str, str | None] = {"net.ipv4.tcp_max_tw_buckets": "5000", "net.ipv4.tcp_ehash_entries": None}
    assert isinstance(check(model(settings=settings)), Healthy)


def test_nothing_visible() -> None:
    """Cannot tell."""
    assert isinstance(check(model(settings=dict.fromkeys(model().settings))), Unknown)
