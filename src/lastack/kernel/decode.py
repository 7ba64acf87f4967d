"""Fields of a socket row (struct inet_diag_msg, include/uapi/linux/inet_diag.h) as values."""

import socket
import struct
import sys

from lastack.errors import TruncatedError

__all__ = ["INFO", "SKMEMINFO", "address", "attribute", "cgroup_id", "ip_version", "port"]

# Kinds of attributes, include/uapi/linux/inet_diag.h.
INFO, SKMEMINFO = 2, 7
_CGROUP_ID = 21


def ip_version(family: int) -> int:
    """4 or 6."""
    return 6 if family == socket.AF_INET6 else 4


def address(family: int, raw: bytes) -> str:
    """The address in a field of 16 bytes, of which IPv4 uses the first four."""
    return socket.inet_ntop(family, raw if family == socket.AF_INET6 else raw[:4])


def port(raw: bytes) -> int:
    """A port in network order."""
    return int.from_bytes(raw, "big")


def cgroup_id(attributes: bytes) -> int | None:
    """The cgroup among a row's attributes, if it says one. Raises as ``attribute``."""
    found = attribute(attributes, _CGROUP_ID)
    return int.from_bytes(found, sys.byteorder) if found is not None and len(found) == 8 else None


def attribute(attributes: bytes, wanted: int) -> bytes | None:
    """The payload of an attribute of a row (struct nlattr: length, type, payload, padded to 4 bytes), if it has it.

    Raises:
        TruncatedError: an attribute is longer than what is left of the row.
    """
    at = 0
    while at + 4 <= len(attributes):
        length, kind = struct.unpack_from("=HH", attributes, at)
        if not 4 <= length <= len(attributes) - at:
            raise TruncatedError("truncated-netlink", f"socket attribute at byte {at}: {length} bytes do not fit")
        if kind == wanted:
            return attributes[at + 4 : at + length]
        at += (length + 3) & ~3
    return None
