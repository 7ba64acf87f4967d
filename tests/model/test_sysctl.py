"""Settings as numbers."""

import pytest

from lastack.errors import InputError
from lastack.model.sysctl import integer, port_range, port_ranges

RANGE = "net.ipv4.ip_local_port_range"
RESERVED = "net.ipv4.ip_local_reserved_ports"


def test_an_absent_setting_is_none() -> None:
    """What a kernel does not have is no error."""
    assert integer({}, "net.ipv4.tcp_tw_reuse") is None
    assert port_range({}) is None
    assert port_ranges({}) == []


def test_integer() -> None:
    """Numbers may be negative."""
    assert integer({"k": "-1"}, "k") == -1


@pytest.mark.parametrize("text", ["32768\t60999", "32768 60999"])
def test_port_range(text: str) -> None:
    """With a tab, as the kernel prints it, or a space."""
    assert port_range({RANGE: text}) == (32_768, 60_999)


def test_reserved_ports() -> None:
    """Single ports and ranges, as the kernel prints its bitmap; nothing when it is empty."""
    assert port_ranges({RESERVED: "80,8000-8010"}) == [(80, 80), (8000, 8010)]
    assert port_ranges({RESERVED: ""}) == []


@pytest.mark.parametrize("text", ["32768", "a b", "60999 32768", "1 65536", "0 9", "1 2 3"])
def test_a_port_range_that_no_kernel_prints_is_refused(text: str) -> None:
    """The error names the setting."""
    with pytest.raises(InputError, match=RANGE) as caught:
        port_range({RANGE: text})
    assert caught.value.slug == "malformed-setting"


@pytest.mark.parametrize("text", ["x", "9-8", "1-2-3", "80,,81", "70000", "-1"])
def test_reserved_ports_that_no_kernel_prints_are_refused(text: str) -> None:
    """The error names the setting."""
    with pytest.raises(InputError, match=RESERVED) as caught:
        port_ranges({RESERVED: text})
    assert caught.value.slug == "malformed-setting"


def test_a_number_that_is_none_is_refused() -> None:
    """The error says what was expected."""
    with pytest.raises(InputError, match="a whole number"):
        integer({"k": "many"}, "k")
