"""Links between a lab's namespaces, and the addresses on them.

The server has one veth link to each client namespace. The addresses are those that RFC 2544 (198.18.0.0/15) and
RFC 5180 (2001:2::/48) set aside for network tests:

    link k      198.18.0.0 + (k - 1) * 4096, /20        2001:2:0:k::/64
    server      first address                           ::1
    client      second address onwards                  ::2 onwards

Each end knows the other's link address and need not ask: what the server would answer to an IPv6 client that is cut
off is lost like all else (RFC 4861, section 7.2.4).
"""

import os
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.lab.namespace import Namespace
from lastack.lab.route import Route

__all__ = ["MAX_CLIENTS", "Link", "connect", "give_addresses"]

MAX_CLIENTS = 32
_CLIENT_ADDRESSES = 4093
_IPV4 = int(IPv4Address("198.18.0.0"))
_IPV6 = int(IPv6Address("2001:2::"))
_ON_LINK = {4: 20, 6: 64}
_CLIENT_END = "server"  # the client's device, named after what is at the other end


class Link(NamedTuple):
    """The link between the server and client ``number``, from 1."""

    number: int

    @property
    def device(self) -> str:
        """The server's device on this link."""
        return f"client{self.number}"

    def link_address(self, device: str) -> str:
        """The link address of a device of this link: locally administered."""
        return f"02:00:00:00:{int(device == _CLIENT_END):02x}:{self.number:02x}"

    def server(self, family: int) -> str:
        """The server's address on this link; ``family`` is 4 or 6."""
        return self._address(family, 1)

    def client(self, family: int, index: int = 0) -> str:
        """The client's address ``index``; 0 is there from the start, more are added as cohorts need them.

        Raises:
            RefusedError: ``no-more-addresses``: there are 4,093.
        """
        if index >= _CLIENT_ADDRESSES:
            raise RefusedError("no-more-addresses", f"a lab's client has {_CLIENT_ADDRESSES:,} addresses at most")
        return self._address(family, 2 + index)

    def prefix(self, address: str) -> int:
        """How many bits of an address of this link name the link; of any other address, all its bits."""
        whole = ip_address(address)
        on_link = ip_network(f"{self.server(whole.version)}/{_ON_LINK[whole.version]}", strict=False)
        return on_link.prefixlen if whole in on_link else whole.max_prefixlen

    def _address(self, family: int, host: int) -> str:
        if family == 4:
            return str(IPv4Address(_IPV4 + (self.number - 1) * 4096 + host))
        return str(IPv6Address(_IPV6 + (self.number << 64) + host))


def connect(server: Namespace, client: Namespace, link: Link) -> None:
    """Make the link, and give each end its first address of each family that the kernel has.

    Raises:
        RefusedError: ``no-veth``, ``no-pyroute2``.
    """
    descriptor = os.open(f"/proc/{client.pid}/ns/net", os.O_RDONLY)
    try:
        server.call(_make_link, link, descriptor)
    finally:
        os.close(descriptor)
    client.call(_switch_on, link, _CLIENT_END)


def give_addresses(
    server: Namespace, client: Namespace, link: Link, at_server: Collection[str], at_client: Collection[str]
) -> None:
    """Add addresses to the ends of a link. Each end will find those of the other, whatever they are."""
    server.call(_settle, link, link.device, at_server, at_client)
    client.call(_settle, link, _CLIENT_END, at_client, at_server)


def _make_link(link: Link, client: int) -> None:
    with Route() as route:
        route.add_veth(link.device, _CLIENT_END, client)
    _switch_on(link, link.device)


def _switch_on(link: Link, device: str) -> None:
    own, others = (link.client, link.server) if device == _CLIENT_END else (link.server, link.client)
    with Route() as route:
        route.bring_up(device, link.link_address(device))
        for family in _families():
            route.add_address(device, own(family), _ON_LINK[family])
            route.set_neighbour(device, others(family), link.link_address(_far(link, device)))


def _settle(link: Link, device: str, own: Collection[str], others: Collection[str]) -> None:
    with Route() as route:
        for address in own:
            route.add_address(device, address, link.prefix(address))
        for address in others:
            if link.prefix(address) in {32, 128}:
                route.add_host(device, address)
            route.set_neighbour(device, address, link.link_address(_far(link, device)))


def _far(link: Link, device: str) -> str:
    """The device at the other end."""
    return link.device if device == _CLIENT_END else _CLIENT_END


def _families() -> tuple[int, ...]:
    """IPv4, and IPv6 where the kernel has it, switched on whatever the host's default is."""
    switches = [Path("/proc/sys/net/ipv6/conf", scope, "disable_ipv6") for scope in ("all", "default")]
    if not all(switch.exists() for switch in switches):
        return (4,)
    for switch in switches:
        switch.write_text("0", "ascii")
    return (4, 6)
