"""Values: what the kernel takes for the same."""

import pytest

from lastack.errors import InputError
from lastack.plan.value import checked, completed, same

RANGE = "net.ipv4.ip_local_port_range"
PORTS = "net.ipv4.ip_local_reserved_ports"


@pytest.mark.parametrize(
    ("key", "left", "right"),
    [
        (RANGE, "1024\t65535", "1024 65535"),
        ("net.ipv4.tcp_fin_timeout", "0x1e", "30"),
        ("net.ipv4.tcp_fin_timeout", "036", "30"),
        (PORTS, "8081,8080,8082-8090", "8080-8090"),
        (PORTS, "", " "),
        ("net.core.unknown_to_us", "010  2", "8 2"),
        ("net.ipv4.tcp_congestion_control", " bbr ", "bbr"),
    ],
)
def test_the_same_to_the_kernel(key: str, left: str, right: str) -> None:
    """However it is written."""
    assert same(key, left, right)


@pytest.mark.parametrize(
    ("key", "left", "right"),
    [
        ("net.ipv4.tcp_fin_timeout", "30", "31"),
        (RANGE, "1024 65535", "65535 1024"),
        (PORTS, "8080", "8080-8081"),
        (PORTS, "8080", ""),
        ("net.ipv4.tcp_congestion_control", "bbr", "cubic"),
        ("net.core.unknown_to_us", "1", "1 2"),
    ],
)
def test_not_the_same(key: str, left: str, right: str) -> None:
    """However alike."""
    assert not same(key, left, right)


def test_numbers_that_are_left_out_keep_their_value() -> None:
    """As the kernel does it; a single number and a word are whole already."""
    assert completed(RANGE, "10240", "32768 60999") == "10240 60999"
    assert completed("net.ipv4.tcp_rmem", "4096", "4096 131072 6291456") == "4096 131072 6291456"
    assert completed("net.ipv4.tcp_fin_timeout", "30", "60") == "30"
    assert completed(PORTS, "8080", "1,2,3") == "8080"
    assert completed("net.ipv4.tcp_congestion_control", "bbr", "cubic") == "bbr"


@pytest.mark.parametrize("value", ["1\n2", "1\r", "1\0", "\x1b", "1\x7f", "é", "\u2028"])
def test_a_value_is_one_line_of_plain_text(value: str) -> None:
    """Else it could bring lines of its own into the files that we write."""
    with pytest.raises(InputError) as caught:
        checked("net.ipv4.x", value)
    assert caught.value.slug == "bad-setting-value"


def test_spaces_around_a_value_do_not_count() -> None:
    """Tabs inside may stand for spaces."""
    assert checked("net.ipv4.x", " 1\t2 ") == "1\t2"
