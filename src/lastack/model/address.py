"""The two things that a rule must know of an IP address."""

__all__ = ["is_loopback", "unmapped"]

_MAPPED = "::ffff:"


def unmapped(address: str) -> str:
    """An IPv4 address that an IPv6 socket uses, as IPv4: both kinds share one space of connections.

    >>> unmapped("::ffff:192.0.2.1"), unmapped("2001:db8::1")
    ('192.0.2.1', '2001:db8::1')
    """
    return address.removeprefix(_MAPPED) if address.startswith(_MAPPED) and "." in address else address


def is_loopback(address: str) -> bool:
    """Whether the kernel calls it loopback: 127.0.0.0/8 or ::1. A host's own other addresses are not."""
    return address == "::1" or address.startswith("127.")
