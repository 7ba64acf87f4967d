"""From the beginning of a packet to its IP header: link layers, and what may stand between them and IP.

Link types are tcpdump.org/linktypes.html's; ethertypes are IANA's.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.capture.packets import Packets, picked
from lastack.capture.window import Positions, u16

__all__ = ["LINKS", "Link", "network_headers"]

_PPP = 9

Types = NDArray[np.uint16]


class Link(NamedTuple):
    """A link layer.

    Attributes:
        name: what it is.
        length: octets before what it carries.
        type_at: where the ethertype of that stands; None where IP's own version tells.
    """

    name: str
    length: int
    type_at: int | None


# NULL and LOOP state an address family, but which number is IPv6 depends on the system.
LINKS = {
    0: Link("BSD loopback (NULL)", 4, None),
    1: Link("Ethernet", 14, 12),
    9: Link("PPP", 4, 2),
    10: Link("FDDI", 21, 19),
    12: Link("raw IP", 0, None),
    14: Link("raw IP", 0, None),
    50: Link("PPP with HDLC framing", 4, 2),
    51: Link("PPPoE", 8, 6),
    101: Link("raw IP", 0, None),
    104: Link("Cisco HDLC", 4, 2),
    108: Link("OpenBSD loopback (LOOP)", 4, None),
    113: Link("Linux cooked (SLL)", 16, 14),
    228: Link("raw IPv4", 0, None),
    229: Link("raw IPv6", 0, None),
    276: Link("Linux cooked v2 (SLL2)", 20, 0),
}

# What wraps IP after the link header: from the wrapper to the next ethertype, and to what that one describes.
_WRAPPERS = {
    0x8100: (2, 4),  # 802.1Q
    0x88A8: (2, 4),  # 802.1ad, QinQ
    0x9100: (2, 4),  # QinQ as it was before
    0x9200: (2, 4),
    0x8926: (4, 6),  # VN-Tag
    0x88E7: (16, 18),  # 802.1ah: another Ethernet header
    0x8864: (6, 8),  # PPPoE
}
_LONGEST_WRAPPER = 18
_MPLS = (0x8847, 0x8848)
_IP, _IPV6 = 0x0800, 0x86DD

# PPP's numbers for IP and IPv6 are others.
_IPS = np.array([_IP, _IPV6, 0x0021, 0x0057])

# Where 802.3 has a length, LLC and SNAP may follow, and an ethertype after all.
_LONGEST_802_3 = 1500
_SNAP = 0xAAAA

# Nobody nests deeper; what does is not looked into.
_DEPTH = 8


def network_headers(packets: Packets, link: int) -> tuple[Positions, Positions]:
    """Where IP begins in each packet, and which packets those are (by number).

    Packets that carry something else are left out, and so are those cut before IP's first octet.

    Args:
        packets: packets, all taken to be of this link type.
        link: a link type; of one that is none of ``LINKS``, every packet is left out.
    """
    layer = LINKS.get(link)
    number = np.arange(len(packets.begin))
    if layer is None:
        return number[:0], number[:0]
    begin = packets.begin
    if link == _PPP:
        # Address and control (ff 03) may have been agreed away.
        begin = begin - 2 * (packets.data[begin] != 0xFF)
    at = begin + layer.length
    if layer.type_at is not None:
        types = u16(packets.data, begin + layer.type_at)
        if not (types == _IP).all():
            at, types = _unwrapped(packets, at, types)
            is_ip = np.isin(types, _IPS)
            at, number = at[is_ip], number[is_ip]
    inside = at < picked(packets.end, number)
    return (at, number) if inside.all() else (at[inside], number[inside])


def _unwrapped(packets: Packets, at: Positions, types: Types) -> tuple[Positions, Types]:
    """Step over wrappers until none is left. What is cut inside one ends up beyond its packet's end."""
    data, at, types = packets.data, at.copy(), types.copy()
    for _ in range(_DEPTH):
        wrapped = np.flatnonzero(~np.isin(types, _IPS) & (at + _LONGEST_WRAPPER <= len(data)))
        kinds, before = types[wrapped], at[wrapped]
        for kind in np.unique(kinds).tolist():
            some = wrapped[kinds == kind]
            if kind in _WRAPPERS:
                type_at, length = _WRAPPERS[kind]
                types[some] = u16(data, at[some] + type_at)
                at[some] += length
            elif kind in _MPLS:
                at[some] += 4
                last = some[data[at[some] - 2] & 1 != 0]
                types[last] = np.where(data[at[last]] >> 4 == 6, _IPV6, _IP)
            elif kind <= _LONGEST_802_3:
                snap = some[u16(data, at[some]) == _SNAP]
                types[snap] = u16(data, at[snap] + 6)
                at[snap] += 8
        if (at[wrapped] == before).all():
            break
    return at, types
