"""Listeners among the ports that connect() chooses from."""

import pytest

from lastack.doctor.listeners_in_range import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from tests.model.samples import listener, model

RANGE, RESERVED = "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"


def alone(*ports: int, span: str | None = "32768 60999", reserved: str = "") -> Verdict:
    """Listeners on these ports."""
    listeners = [listener(port, process=f"app{port}/7") for port in ports]
    return check(model(listeners=listeners, settings={RANGE: span, RESERVED: reserved}))


@pytest.mark.parametrize(
    ("port", "answer"), [(80, Healthy), (32_767, Healthy), (32_768, Finding), (60_999, Finding), (61_000, Healthy)]
)
def test_both_ends_are_inside(port: int, answer: type[Verdict]) -> None:
    """As the kernel takes them."""
    assert isinstance(alone(port), answer)


@pytest.mark.parametrize(("reserved", "answer"), [("50051", Healthy), ("50000-50100", Healthy), ("50052", Finding)])
def test_reserved_ports_are_safe(reserved: str, answer: type[Verdict]) -> None:
    """Alone or in a range."""
    assert isinstance(alone(50_051, reserved=reserved), answer)


def test_a_notice_that_names_port_and_program() -> None:
    """And keeps what is reserved already."""
    verdict = alone(8080, 9090, 80, span="1024 65535", reserved="3306")
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("notice", "medium")
    assert verdict.summary.startswith("port 8080 (app8080/7) and 1 other may be taken")
    assert (verdict.remedies[0].key, verdict.remedies[0].value) == (RESERVED, "3306,8080,9090")


def test_a_port_that_may_have_been_assigned() -> None:
    """In the usual range the program may have asked for any."""
    verdict = alone(40_000)
    assert isinstance(verdict, Finding)
    assert verdict.confidence == "low"


def test_no_listeners_and_no_range() -> None:
    """Healthy, and cannot tell."""
    assert isinstance(alone(), Healthy)
    assert isinstance(alone(80, span=None), Unknown)
