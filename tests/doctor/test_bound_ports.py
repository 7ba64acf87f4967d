"""Ports that were bound before connect()."""

import pytest

from lastack.doctor.bound_ports import FEW, check
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.model.model import Model
from tests.model.samples import UPSTREAM, closed, cohort, model


def spread(destinations: int, each: int, drawn_by_bind: float = 1.0, ports: int = 1000) -> Model:
    """So many destinations with so many connections each, of a range of so many ports."""
    many = [UPSTREAM | {"remote": f"192.0.2.{n}"} for n in range(destinations)]
    return model(
        *[closed({30: each}, **one, bind_parity=int(each * drawn_by_bind)) for one in many],
        settings={"net.ipv4.ip_local_port_range": f"40000 {39_999 + ports}"},
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


def test_more_than_there_are_must_be_shared() -> None:
    """SO_REUSEADDR: the same port for several destinations."""
    verdict = check(spread(30, 100))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"


def test_cannot_tell_without_the_range() -> None:
    """Parity counts from its first port."""
    made = model(cohort("ESTABLISHED", 99, **UPSTREAM), settings={"net.ipv4.ip_local_port_range": None})
    assert isinstance(check(made), Unknown)
