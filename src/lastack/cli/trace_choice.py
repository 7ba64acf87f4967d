"""Which connections ``lastack trace`` is asked for, live or in a capture."""

import argparse

from lastack.errors import UsageError

__all__ = ["chosen"]


def chosen(options: argparse.Namespace) -> tuple[tuple[int, ...], tuple[bytes, ...], int | None]:
    """Ports, addresses (4 or 16 octets) and the family; what is empty or None does not matter.

    Raises:
        UsageError: ``bad-address``.
    """
    return tuple(options.port or ()), tuple(map(_address, options.address or ())), options.family


def _address(text: str) -> bytes:
    import ipaddress  # noqa: PLC0415 - most ask for no address

    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        raise UsageError("bad-address", f"{text!r} is no IP address", "names are not looked up") from None
