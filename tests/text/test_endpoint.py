"""Addresses with ports, in the forms of each tool."""

import pytest

from lastack.text.endpoint import Endpoint, after_colon, after_last, as_ipv6, remembering


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("10.0.0.1:22", ("10.0.0.1", 4, 22)),
        ("0.0.0.0:*", ("0.0.0.0", 4, 0)),
        ("*:8082", ("*", None, 8082)),
        ("*:ssh", ("*", None, None)),
        ("*%eth0:bootpc", ("*", None, None)),
        ("[::]:22", ("::", 6, 22)),
        (":::22", ("::", 6, 22)),
        ("::1:22", ("::1", 6, 22)),
        ("[::ffff:127.0.0.1]:8082", ("::ffff:127.0.0.1", 6, 8082)),
        ("[fe80::1]%eth0:546", ("fe80::1", 6, 546)),
        ("[fe80::1%12]:139", ("fe80::1", 6, 139)),
        ("fe80::1%eth0.100:22", ("fe80::1", 6, 22)),
        ("127.0.0.53%lo:53", ("127.0.0.53", 4, 53)),
        ("localhost:http-alt", ("localhost", None, None)),
        ("lb-192-30-255-112:https", ("lb-192-30-255-112", None, None)),
        ("127.0.0.1:65535", ("127.0.0.1", 4, 65535)),
    ],
)
def test_a_colon_before_the_port(text: str, endpoint: Endpoint) -> None:
    """Both readers take the forms of net-tools, busybox, ss and Windows."""
    assert after_colon(text) == after_last(text) == endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("127.0.0.1.22", ("127.0.0.1", 4, 22)),
        ("*.*", ("*", None, 0)),
        ("*.22", ("*", None, 22)),
        ("localhost.smtp", ("localhost", None, None)),
        ("::1.22", ("::1", 6, 22)),
        ("fe80::1%lo0.1023", ("fe80::1", 6, 1023)),
        ("fe80::1%vlan.10.22", ("fe80::1", 6, 22)),
        ("2a01:cb00:8c6:ad.55555", ("2a01:cb00:8c6:ad", 6, 55555)),
    ],
)
def test_a_dot_before_the_port(text: str, endpoint: Endpoint) -> None:
    """The forms of the BSDs and macOS."""
    assert after_last(text) == endpoint


def test_a_service_name_may_have_a_dot() -> None:
    """Ss writes ``rpc.`` before the names that it has from the port mapper."""
    assert after_colon("*:rpc.mountd") == ("*", None, None)


def test_a_mapped_address_gets_its_prefix_back() -> None:
    """net-tools leaves it out on tcp6 sockets; everything else about an address stays."""
    assert as_ipv6("127.0.0.1:8082") == ("::ffff:127.0.0.1", 6, 8082)
    assert as_ipv6(":::22") == ("::", 6, 22)
    assert as_ipv6("*.22") == ("*", 6, 22)


@pytest.mark.parametrize(
    "text", ["", "22", ":22", "[]:22", "1.2.3.4:65536", "1.2.3.4:" + "9" * 5000, "a" * 400 + ":22"]
)
def test_what_is_no_endpoint(text: str) -> None:
    """No address, no separator, a port that cannot be, or far too long."""
    with pytest.raises(ValueError, match=r"^"):
        remembering(after_last)(text)
