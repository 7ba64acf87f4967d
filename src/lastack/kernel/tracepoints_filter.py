"""What the kernel itself drops of a tracepoint's records: conditions in the language of its filters.

They compare numbers. So ports, IPv4 addresses and the family are compared in the kernel; an IPv6 address, 16 octets, is
not, nor is anything of a tracepoint that has a sockaddr where others have addresses and ports (tcp_send_reset). What
passes is looked at again (``lastack.live.wanted``). Source: Documentation/trace/events.rst, section 5.
"""

import sys
from typing import NamedTuple

from lastack.kernel.tracepoints import Tracepoint

__all__ = ["Wanted", "condition"]

_IPPROTO_TCP = 6
_AF_INET, _AF_INET6 = 2, 10
_SYN_SENT = 2
_LOOPBACK4_IPV6 = bytes([127, 0, 0, 6])  # include/net/ipv6.h: what IPv6 sockets have for an IPv4 address, or zeros


class Wanted(NamedTuple):
    """Which connections somebody wants to see; what is empty or None does not matter.

    Attributes:
        ports: of either end.
        addresses: of either end; 4 or 16 octets.
        family: 4 or 6, as the packets are: an IPv6 socket may carry IPv4.
    """

    ports: tuple[int, ...] = ()
    addresses: tuple[bytes, ...] = ()
    family: int | None = None


def condition(tracepoint: Tracepoint, wanted: Wanted) -> str:
    """The filter for a tracepoint; empty if it lets everything through."""
    fields = tracepoint.fields
    parts = ["protocol == 6"] if "protocol" in fields else []
    if wanted.ports and {"sport", "dport"} <= fields.keys():
        parts.append(_ports(wanted.ports, connects="newstate" in fields))
    if "family" in fields and all(fields[name].size == 4 for name in ("saddr", "daddr")):
        parts += _family(wanted)
        parts += _addresses(wanted.addresses)
    return " && ".join(parts)


def _ports(ports: tuple[int, ...], *, connects: bool) -> str:
    either = [f"{end} == {port}" for port in ports for end in ("sport", "dport")]
    # In connect(), SYN_SENT comes before the kernel has chosen a port (tcp_v4_connect, net/ipv4/tcp_ipv4.c).
    unchosen = [f"(newstate == {_SYN_SENT} && sport == 0)"] if connects else []
    return _any([*either, *unchosen])


def _family(wanted: Wanted) -> list[str]:
    sizes = {len(address) for address in wanted.addresses}
    if wanted.family == 6 or sizes == {16}:
        return [f"family == {_AF_INET6}"]
    if wanted.family == 4 or sizes == {4}:
        return [_any([f"family == {_AF_INET}", f"(saddr != 0 && saddr != {_number(_LOOPBACK4_IPV6)})"])]
    return []


def _addresses(addresses: tuple[bytes, ...]) -> list[str]:
    if not addresses or any(len(address) != 4 for address in addresses):
        return []
    return [_any([f"{end} == {_number(address)}" for address in addresses for end in ("saddr", "daddr")])]


def _any(conditions: list[str]) -> str:
    return f"({' || '.join(conditions)})"


def _number(address: bytes) -> int:
    """An address in network order, as the kernel compares it: a number in its own."""
    return int.from_bytes(address, sys.byteorder)
