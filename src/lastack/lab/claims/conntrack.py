"""Switching connection tracking on in a namespace, and reading what it remembers.

Tracking begins with the first rule that asks for it. This is ``nft add rule inet lastack input ct state`` in
netlink's words (include/uapi/linux/netfilter/nf_tables.h), for hosts that have the kernel's part and not the program.
"""

import errno
import socket
import struct
from pathlib import Path

from lastack.lab.claims.claim import NotTestableError
from lastack.lab.claims.end import End, errno_name

__all__ = ["track", "tracked"]

_NETLINK_NETFILTER, _SUBSYSTEM, _INET = 12, 10, 1  # NFNL_SUBSYS_NFTABLES, NFPROTO_INET
_BATCH_BEGIN, _BATCH_END, _NEW_TABLE, _NEW_CHAIN, _NEW_RULE = 0x10, 0x11, 0, 3, 6
_REQUEST, _ACK, _CREATE, _NESTED = 0x1, 0x4, 0x400, 0x8000
_LOCAL_IN, _REGISTER, _CT_STATE = 1, 8, 0  # NF_INET_LOCAL_IN, NFT_REG32_00, NFT_CT_STATE
_HEADER = struct.Struct("=IHHII")
_TABLE, _CHAIN = b"lastack\0", b"input\0"


def track(end: End) -> None:
    """Track the connections of a namespace. Raises NotTestableError: this kernel cannot, or may not."""
    table, chain = _attribute(1, _TABLE), _attribute(3, _CHAIN)
    hook = _attribute(4, _word(1, _LOCAL_IN) + _word(2, 0), _NESTED)
    lookup = _attribute(1, b"ct\0") + _attribute(2, _word(1, _REGISTER) + _word(2, _CT_STATE), _NESTED)
    rule = table + _attribute(2, _CHAIN) + _attribute(4, _attribute(1, lookup, _NESTED), _NESTED)
    batch = (
        _message(_BATCH_BEGIN, _SUBSYSTEM, 0, b"")
        + _message(_SUBSYSTEM << 8 | _NEW_TABLE, 0, _ACK | _CREATE, table)
        + _message(_SUBSYSTEM << 8 | _NEW_CHAIN, 0, _ACK | _CREATE, table + chain + hook + _attribute(7, b"filter\0"))
        + _message(_SUBSYSTEM << 8 | _NEW_RULE, 0, _ACK | _CREATE, rule)
        + _message(_BATCH_END, _SUBSYSTEM, 0, b"")
    )
    try:
        with end.inside(), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as netlink:
            netlink.settimeout(3)
            netlink.send(batch)
            errors = [_error(netlink.recv(4096)) for _ in range(3)]
    except OSError as error:
        raise NotTestableError(f"the kernel has no nftables here: {errno_name(error)}") from None
    if any(errors):
        raise NotTestableError(
            f"the kernel tracks no connections here: {errno.errorcode.get(max(errors), max(errors))}"
        )


def tracked(end: End, port: int) -> list[tuple[str, int]]:
    """State and seconds left of each entry that has this port. Raises NotTestableError: it cannot be read."""
    try:
        with end.inside():
            lines = Path("/proc/net/nf_conntrack").read_text("ascii").splitlines()
    except OSError as error:
        raise NotTestableError(f"what is tracked cannot be read: {errno_name(error)}") from None
    words = [line.split() for line in lines if f"dport={port} " in line and " tcp " in line]
    return [(word[5], int(word[4])) for word in words]


def _message(kind: int, resource: int, flags: int, attributes: bytes) -> bytes:
    family = _INET if resource == 0 else 0
    body = struct.pack("!BBH", family, 0, resource) + attributes
    return _HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | flags, 0, 0) + body


def _error(answer: bytes) -> int:
    """The errno of an answer, NLMSG_ERROR; 0: all is well."""
    (negative,) = struct.unpack_from("=i", answer, _HEADER.size)
    return -int(negative)


def _attribute(kind: int, value: bytes, flags: int = 0) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind | flags) + value + b"\0" * (-len(value) % 4)


def _word(kind: int, value: int) -> bytes:
    return _attribute(kind, struct.pack("!I", value))
