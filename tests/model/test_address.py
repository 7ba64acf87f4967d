"""Addresses."""

import pytest

from lastack.model.address import is_loopback, unmapped


@pytest.mark.parametrize(
    ("address", "expected"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("::ffff:0:1", "::ffff:0:1"), ("::1", "::1")],
)
def test_unmapped(address: str, expected: str) -> None:
    """Only IPv4 that an IPv6 socket uses is rewritten."""
    assert unmapped(address) == expected


@pytest.mark.parametrize(("address", "expected"), [("127.9.9.9", True), ("::1", True), ("10.127.0.1", False)])
def test_is_loopback(address: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """All of 127.0.0.0/8, and ::1."""
    assert is_loopback(address) is expected
