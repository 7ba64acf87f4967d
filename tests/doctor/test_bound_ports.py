"""Ports that were bound before connect()."""

import pytest

from lastack.doctor.bound_ports import FEW, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.model import Model
from tests.model.samples import UPSTREAM, closed, cohort, model


def spread(destinations: int, each: int, drawn_by_bind: float = 1.0, opened: int | None = None) -> Model:
    """So many destinations with so many connections each, of a range of a thousand ports."""
    many = [UPSTREAM | {"remote": f"192.0.2.{n}"} for n in range(destinations)]
    return model(
        *[closed({30: each}, **one, bind_parity=int(each * drawn_by_bind)) for one in many],
        settings={"net.ipv4.ip_local_port_range": "40000 40999"},
        opened_ports=opened,
    )


@pytest.mark.parametrize(
    ("each", "severity"), [(79, "notice"), (80, "warning"), (98, "warning"), (99, "critical"), (100, "critical")]
)
def test_all_destinations_share_one_pool(each: int, severity: str) -> None:
    """Ten destinations, none of which uses more than a tenth of the thousand ports."""
    verdict = check(spread(10, each))
    assert isinstance(verdict, Finding)
    assert verdict.severity == severity
    assert f"{10 * each:,} of 1,000 are used" in verdict.summary
    assert "10 destinations of 10.0.0.1" in verdict.summary


def test_half_of_them_in_the_end() -> None:
    """When bind() has used up its half it draws the others."""
    verdict = check(spread(10, 99, drawn_by_bind=0.5))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "critical"


@pytest.mark.parametrize("share", [0.0, 0.39])
def test_what_connect_drew_is_a_destinations_own(share: float) -> None:
    """As many, and no trouble: each destination has all ports."""
    verdict = check(spread(10, 99, drawn_by_bind=share))
    assert isinstance(verdict, Healthy)
    assert "each destination has all" in verdict.summary


def test_one_crowded_destination_is_no_sign() -> None:
    """Beyond half of the range connect() draws the others too: ephemeral-ports judges."""
    assert isinstance(check(spread(1, 900, drawn_by_bind=0.45)), Healthy)


def test_a_few_connections_are_no_sign() -> None:
    """Fewer than fifty."""
    assert isinstance(check(spread(20, FEW - 1)), Healthy)


@pytest.mark.parametrize(
    ("destinations", "opened", "answer"), [(30, None, Healthy), (9, 899, Healthy), (9, 900, Finding)]
)
def test_fewer_ports_than_connections_are_shared(destinations: int, opened: int | None, answer: type[Verdict]) -> None:
    """SO_REUSEADDR: one port for several destinations; 3,000 connections cannot be alone on one of 1,000 ports each."""
    assert isinstance(check(spread(destinations, 100, opened=opened)), answer)


def test_cannot_tell_without_the_range() -> None:
    """Parity counts from its first port."""
    made = model(cohort("ESTABLISHED", 99, **UPSTREAM), settings={"net.ipv4.ip_local_port_range": None})
    assert isinstance(check(made), Unknown)
