"""Limits: streams, connections, and clients that say nothing."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from lastack.lab import Lab
from lastack.web.server import CONNECTIONS, STREAMS
from tests.web.pages import Page, ask, served

_PATIENCE_S = 45.0


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of its own for each test: some fill it up."""
    with Lab() as lab, served(lab) as opened:
        yield opened


def _crowd(port: int) -> tuple[list[int], int, int, int]:
    """Statuses of so many streams and two more; of another request; of a stream once one has left."""
    streams = []
    for _ in range(STREAMS + 2):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
        connection.request("GET", "/events")
        streams.append((connection, connection.getresponse()))
    statuses = [response.status for _, response in streams]
    meanwhile = ask(port, "/healthz").status
    leaver, response = streams[0]
    response.close()
    leaver.close()
    until = time.monotonic() + _PATIENCE_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
        connection.request("GET", "/events")
        late = connection.getresponse()
        if late.status == 200 or time.monotonic() > until:
            break
        time.sleep(0.1)
    return statuses[:STREAMS], statuses[STREAMS], meanwhile, late.status


def test_streams_are_so_many_at_most(page: Page) -> None:
    """One more is told to come later, all else goes on, and a place that becomes free is given away."""
    admitted, refused, meanwhile, late = page.lab.server.call(_crowd, page.port)
    assert admitted == [200] * STREAMS
    assert (refused, meanwhile, late) == (503, 200, 200)


def _silent(port: int) -> tuple[float, float, int]:
    """How long a client that says nothing, and one that never ends its request, are listened to; and if all goes on."""
    mute, slow = (socket.create_connection(("127.0.0.1", port), _PATIENCE_S) for _ in range(2))
    slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-")
    begun = time.monotonic()
    mute.recv(1)
    first = time.monotonic() - begun
    slow.recv(1)
    return first, time.monotonic() - begun, ask(port, "/healthz").status


def test_silent_clients_are_not_waited_for(page: Page) -> None:
    """Neither those without a request nor those with half of one."""
    mute_s, slow_s, others = page.lab.server.call(_silent, page.port)
    assert mute_s < 25
    assert slow_s < 25
    assert others == 200


def _many(port: int) -> tuple[int, int]:
    held = [socket.create_connection(("127.0.0.1", port), _PATIENCE_S) for _ in range(CONNECTIONS + 1)]
    until = time.monotonic() + _PATIENCE_S
    while (crowded := ask(port, "/healthz").status) != 503 and time.monotonic() < until:
        time.sleep(0.05)
    for one in held:
        one.close()
    while (later := ask(port, "/healthz").status) != 200 and time.monotonic() < until:
        time.sleep(0.05)
    return crowded, later


def test_connections_are_so_many_at_most(page: Page) -> None:
    """Beyond that, it says that it is busy; and it is well again when they have gone."""
    assert page.lab.server.call(_many, page.port) == (503, 200)


def _endless(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 20_000)
        return client.recv(12)


def test_a_head_without_end_is_refused(page: Page) -> None:
    """It is not collected."""
    assert page.lab.server.call(_endless, page.port) == b"HTTP/1.1 400"
