"""What the lab asks of an address: by the ranges of the RFCs."""

import pytest

from lastack.lab.addresses import family_of, is_loopback, is_mapped, is_portable, plain


@pytest.mark.parametrize(
    ("address", "family", "loopback", "portable"),
    [
        ("198.18.0.1", 4, False, True),
        ("10.0.0.1", 4, False, True),
        ("2001:db8::1", 6, False, True),
        ("::ffff:10.0.0.1", 6, False, True),
        ("127.3.2.1", 4, True, False),
        ("::1", 6, True, False),
        ("::ffff:127.0.0.1", 6, True, False),
        ("169.254.1.1", 4, False, False),
        ("fe80::1", 6, False, False),
        ("0.0.0.0", 4, False, False),
        ("::", 6, False, False),
        ("224.0.0.1", 4, False, False),
        ("ff02::1", 6, False, False),
        ("*", None, False, False),
        ("", None, False, False),
    ],
)
def test_ranges(address: str, family: int | None, *, loopback: bool, portable: bool) -> None:
    """Loopback never leaves its host; link-local, unspecified and multicast ends cannot be moved to a link."""
    assert (family_of(address), is_loopback(address), is_portable(address)) == (family, loopback, portable)


def test_a_mapped_address_has_a_plain_one() -> None:
    """RFC 4291, section 2.5.5.2: the last 32 bits are the IPv4 address."""
    assert is_mapped("::ffff:192.0.2.7")
    assert not is_mapped("2001:db8::ffff")
    assert (plain("::ffff:192.0.2.7"), plain("2001:db8::1"), plain("192.0.2.7")) == (
        "192.0.2.7",
        "2001:db8::1",
        "192.0.2.7",
    )
