"""Cuts: what one namespace sends to one address is lost, from a moment on.

A permanent neighbour entry with a link address that nobody has: the far end drops every frame as another host's
(PACKET_OTHERHOST, ip_rcv_core, net/ipv4/ip_input.c). What comes from there still arrives, and no packet filter is
needed.
"""

from lastack.lab.addresses import plain
from lastack.lab.route import Route

__all__ = ["cut", "mend"]

_NOBODY = "02:00:00:00:de:ad"  # locally administered


def cut(route: Route, address: str) -> None:
    """Lose what is sent to ``address``, which is on a link; ``route`` is open in the sender's namespace."""
    route.divert(plain(address), _NOBODY)


def mend(route: Route, address: str) -> None:
    """Undo a cut."""
    route.forget_neighbour(plain(address))
