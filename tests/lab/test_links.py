"""The address plan: RFC 2544 and RFC 5180 ranges, a /20 and a /64 a link."""

from ipaddress import ip_address, ip_network

import pytest

from lastack.errors import RefusedError
from lastack.lab import Lab
from lastack.lab.links import MAX_CLIENTS, Link


def test_links_do_not_overlap() -> None:
    """All of them fit into the ranges set aside for tests, and no address is in two links."""
    networks = []
    for number in range(1, MAX_CLIENTS + 1):
        link = Link(number)
        for family, width, whole in ((4, 20, "198.18.0.0/15"), (6, 64, "2001:2::/48")):
            network = ip_network(f"{link.server(family)}/{width}", strict=False)
            assert network.subnet_of(ip_network(whole))  # type: ignore[arg-type]
            assert ip_address(link.client(family, 4092)) in network
            networks.append(network)
    assert len(set(networks)) == 2 * MAX_CLIENTS


def test_a_client_has_4093_addresses() -> None:
    """What a /20 leaves: less the network, the broadcast and the server."""
    assert Link(1).client(4, 4092) == "198.18.15.254"
    with pytest.raises(RefusedError, match="4,093"):
        Link(1).client(4, 4093)


@pytest.mark.parametrize(
    ("address", "bits"), [("198.18.0.9", 20), ("198.18.16.9", 32), ("2001:2:0:1::9", 64), ("2001:db8::1", 128)]
)
def test_bits_that_name_the_link(address: str, bits: int) -> None:
    """All of an address that is none of the link's."""
    assert Link(1).prefix(address) == bits


def test_the_link_is_up_in_both_families(lab: Lab) -> None:
    """Each end has its device and address, and the other's link address from the start."""
    link = lab.links[0]
    devices = lab.server.run(["cat", "/proc/net/dev"], capture_output=True, text=True, check=True).stdout
    assert "client1:" in devices
    inet6 = lab.client.run(["cat", "/proc/net/if_inet6"], capture_output=True, text=True, check=True).stdout
    assert ip_address(link.client(6)).exploded.replace(":", "") in inet6
    arp = lab.client.run(["cat", "/proc/net/arp"], capture_output=True, text=True, check=True).stdout
    (entry,) = (line.split() for line in arp.splitlines() if line.startswith("198.18.0.1 "))
    assert entry[3] == "02:00:00:00:00:01"
    arp = lab.server.run(["cat", "/proc/net/arp"], capture_output=True, text=True, check=True).stdout
    (entry,) = (line.split() for line in arp.splitlines() if line.startswith("198.18.0.2 "))
    assert entry[3] == "02:00:00:00:01:01"
