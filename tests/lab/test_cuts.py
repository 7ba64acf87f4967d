"""A cut loses one direction to one address, from a moment on, and nothing else."""

import socket
import time

import pytest

from lastack.lab import Lab
from lastack.lab.namespace import Namespace

_PORT = 9  # nobody listens there: each datagram that arrives is counted as such


def send(*targets: str) -> None:
    """A datagram to each."""
    for target in targets:
        with socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.sendto(b"hello", (target, _PORT))


def arrived(namespace: Namespace) -> int:
    """Datagrams that found nobody, from the counters of IPv4 and IPv6."""
    files = ["cat", "/proc/net/snmp", "/proc/net/snmp6"]
    lines = namespace.run(files, capture_output=True, text=True, check=True).stdout.splitlines()
    names, values = (line.split() for line in lines if line.startswith("Udp:"))
    (of_ipv6,) = (line.split()[1] for line in lines if line.startswith("Udp6NoPorts"))
    return int(values[names.index("NoPorts")]) + int(of_ipv6)


def until_arrived(namespace: Namespace, number: int) -> int:
    """How many have arrived: so many, or fewer after two seconds."""
    deadline = time.monotonic() + 2
    while (seen := arrived(namespace)) < number and time.monotonic() < deadline:
        pass
    return seen


@pytest.mark.parametrize("family", [4, 6])
def test_one_direction_one_address(lab: Lab, family: int) -> None:
    """What the server sends to it is lost; what it sends, and what the server sends elsewhere, is not."""
    server, client = lab.links[0].server(family), lab.links[0].client(family)
    other = lab.links[0].client(10 - family)
    lab.server.call(send, client, other)
    assert until_arrived(lab.client, 2) == 2
    lab.cut(lab.server, client)
    lab.server.call(send, client, other)  # one queue: what comes after has overtaken nothing
    assert until_arrived(lab.client, 3) == 3
    lab.client.call(send, server)
    assert until_arrived(lab.server, 1) == 1
    lab.mend(lab.server, client)
    lab.server.call(send, client)
    assert until_arrived(lab.client, 4) == 4


def test_the_other_direction(lab: Lab) -> None:
    """A client's segments can be cut, too."""
    link = lab.links[0]
    lab.cut(lab.client, link.server(4))
    lab.client.call(send, link.server(4), link.server(6))
    assert until_arrived(lab.server, 1) == 1
    lab.server.call(send, link.client(4))
    assert until_arrived(lab.client, 1) == 1
