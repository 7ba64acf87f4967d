"""Addresses with ports, as the tools print them.

===========================================  ============================================================
``10.0.0.1:22`` ``:::22`` ``::1:22``         net-tools, busybox
``10.0.0.1:22`` ``[::1]:22`` ``*:22``        ss; ``10.0.0.1%eth0:22``, ``[fe80::1]%eth0:22`` with a device
``10.0.0.1.22`` ``::1.22`` ``*.22``          the BSDs, macOS; ``fe80::1%lo0.22`` with a zone
``10.0.0.1:22`` ``[::1]:22`` ``[::1%4]:22``  Windows
===========================================  ============================================================

Without ``-n``, names stand for addresses, and service names for ports.
"""

from collections.abc import Callable
from functools import lru_cache

__all__ = ["Endpoint", "Reader", "after_colon", "after_last", "as_ipv6", "remembering"]

# Address; 4, 6, or None where the address does not show it; port, None where a name stands for it.
Endpoint = tuple[str, int | None, int | None]
Reader = Callable[[str], Endpoint]

_REMEMBERED = 1 << 13

# A host name has at most 253 characters (RFC 1035, section 2.3.4), devices and services a few.
_CHARS = 300


def remembering(read: Reader) -> Reader:
    """The same reader, which remembers the latest: a server's own end, or a client's destination, is in every row."""
    return lru_cache(_REMEMBERED)(read)


def after_colon(text: str) -> Endpoint:
    """The port follows the last colon. Raises ValueError.

    >>> after_colon("10.0.0.1%eth0:22"), after_colon("[::1]:ssh"), after_colon("*:*")
    (('10.0.0.1', 4, 22), ('::1', 6, None), ('*', None, 0))
    """
    address, _, port = text.rpartition(":")
    return _endpoint(address, port)


def after_last(text: str) -> Endpoint:
    """The port follows the last colon or dot, whichever comes last. Raises ValueError.

    >>> after_last("10.0.0.1:22"), after_last("10.0.0.1.22"), after_last("fe80::1%lo0.22")
    (('10.0.0.1', 4, 22), ('10.0.0.1', 4, 22), ('fe80::1', 6, 22))
    """
    address, _, port = text.rpartition(":")
    if "." in port:
        address, _, port = text.rpartition(".")
    return _endpoint(address, port)


def as_ipv6(text: str) -> Endpoint:
    """As ``after_last``, on an IPv6 socket, where net-tools prints an IPv4-mapped address without its prefix.

    >>> as_ipv6("127.0.0.1:80"), as_ipv6("::1:80")
    (('::ffff:127.0.0.1', 6, 80), ('::1', 6, 80))
    """
    address, family, port = after_last(text)
    return f"::ffff:{address}" if family == 4 else address, 6, port


def _endpoint(address: str, port: str) -> Endpoint:
    if "%" in address:
        address = address.partition("%")[0]
    if address.startswith("["):
        address = address.strip("[]")
    if not address or len(address) + len(port) > _CHARS:
        raise ValueError(address)
    family = 6 if ":" in address else 4 if address.replace(".", "").isdecimal() else None
    if not port.isdecimal():
        return address, family, 0 if port == "*" else None
    number = int(port)
    if number > 0xFFFF:
        raise ValueError(port)
    return address, family, number
