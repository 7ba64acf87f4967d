"""Several doors at one address: each connection comes in where its port says."""

import socket

import pytest

from lastack.lab import Lab
from lastack.lab.doors import listen_at, share_out

_LOOPBACK = {4: ("127.0.0.1", 7777), 6: ("::1", 7777)}


def taken(family: int, doors: int, ports: range) -> list[list[int]]:
    """The openers' ports that each door took."""
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    open_doors = [socket.socket(kind) for _ in range(doors)]
    for door in open_doors:
        listen_at(door, _LOOPBACK[family], 128, takes_ipv4=False)
        share_out(door, doors, family)
        door.setblocking(False)  # noqa: FBT003 - the socket module's own signature
    for port in ports:
        with socket.socket(kind) as opener:
            opener.bind((_LOOPBACK[family][0], port))
            opener.connect(_LOOPBACK[family])
    return [came_in(door) for door in open_doors]


def came_in(door: socket.socket) -> list[int]:
    """The ports of those who wait at a door."""
    ports = []
    while True:
        try:
            ports.append(door.accept()[1][1])
        except BlockingIOError:
            return sorted(ports)


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("doors", [2, 3])
def test_the_port_says_which_door(lab: Lab, family: int, doors: int) -> None:
    """Its remainder is the door's number, in the order of their listening."""
    ports = range(40_000, 40_060)
    expected = [[port for port in ports if port % doors == number] for number in range(doors)]
    assert lab.server.call(taken, family, doors, ports) == expected
