"""Ports: each once per opener and target."""

import pytest

from lastack.errors import RefusedError
from lastack.lab.cohorts import Cohort
from lastack.lab.ports import Ports


def test_each_port_is_handed_out_once() -> None:
    """To one opener towards one target, from the default range of connect() on; another pair begins anew."""
    ports = Ports()
    first, second = ports.take("a", "b", 80, 30_000), ports.take("a", "b", 80, 30_000)
    assert first[0] == 32_768
    assert len({*first, *second}) == 60_000
    assert min(first + second) >= 1024
    assert ports.take("a", "c", 80, 1) == ports.take("d", "b", 80, 1) == ports.take("a", "b", 81, 1) == [32_768]


def test_a_port_that_listens_is_spared() -> None:
    """At either end: whatever a cohort is connected to, or listens on."""
    ports = Ports()
    ports.spare([Cohort("LISTEN", 3, port=32_768), Cohort("TIME_WAIT", 1, active=True, port=32_772)])
    assert ports.take("a", "b", 80, 3) == [32_771, 32_773, 32_774]


def test_they_end() -> None:
    """64,512 from 1024 to 65535, and not one more."""
    ports = Ports()
    assert len(ports.take("a", "b", 80, 64_512)) == 65_536 - 1024
    with pytest.raises(RefusedError, match="no 1 ports left towards b port 80") as caught:
        ports.take("a", "b", 80, 1)
    assert caught.value.slug == "no-more-ports"
    assert ports.take("a", "b", 80, 0) == []
