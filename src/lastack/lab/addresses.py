"""What the lab asks of an address, written as text."""

from ipaddress import IPv4Address, IPv6Address, ip_address

__all__ = ["ANY", "family_of", "is_loopback", "is_mapped", "is_portable", "plain"]

ANY = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - every address of a private namespace
_MAPPED = "::ffff:"


def family_of(address: str) -> int | None:
    """4 or 6; 6 of a mapped one too. None of what is no address."""
    try:
        return ip_address(address).version
    except ValueError:
        return None


def is_mapped(address: str) -> bool:
    """Whether it is the address of an IPv4 connection on an IPv6 socket, RFC 4291 section 2.5.5.2."""
    return address.startswith(_MAPPED)


def plain(address: str) -> str:
    """The IPv4 address in a mapped one; any other address as it is."""
    return address.removeprefix(_MAPPED)


def is_loopback(address: str) -> bool:
    """Whether it never leaves its host."""
    ip = _parsed(address)
    return ip is not None and ip.is_loopback


def is_portable(address: str) -> bool:
    """Whether the end of a link between two namespaces can have it."""
    ip = _parsed(address)
    return ip is not None and not (ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(plain(address))
    except ValueError:
        return None
