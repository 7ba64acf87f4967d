"""The same connections traced live and captured at the same time come to the same lifecycles."""

import json
import socket
import struct
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lastack.lab import Lab, Load
from lastack.lab.namespace import Namespace
from tests.cli.running import lastack
from tests.live.tracing import KEPT_BACK, capturing, require_tracing, tracing

pytestmark = KEPT_BACK

_Ends = tuple[str, int, str, int]
_LOADS = (
    Load(seconds=0.5, rate=400, closer="server"),
    Load(seconds=0.5, rate=400, closer="client", port=81),
    Load(seconds=0.5, rate=400, opener="server", closer="client", port=82),
    Load(seconds=0.5, rate=400, closer="server", family=6, port=83),
    Load(seconds=0.5, rate=200, closer="server", hold_s=0.1, port=84),
)

# Ends of a kind each, by port: what the server does with what it accepts.
_SERVER = """
import contextlib, socket, struct, sys
doors = {port: socket.create_server((sys.argv[1], port)) for port in (90, 91, 92, 93, 94)}
kept = []
print("ready", flush=True)
for port in (90, 91, 92, 93, 94):
    one = doors[port].accept()[0]
    if port == 91:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if port == 94:
        one.recv(1)  # one byte of two is left unread
    elif port not in (91, 93):
        with contextlib.suppress(ConnectionResetError):
            while one.recv(100): pass
    if port != 93:
        one.close()
    kept.append(one)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab, where tracepoints may be watched."""
    require_tracing()
    with Lab() as opened:
        yield opened


def _lines(
    traced: Namespace, path: Path, work: Callable[[], None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the live trace says, and what the capture says, of what ``work`` does."""
    with tracing(path.parent, "--json", "--netns", str(traced.pid)) as live:
        with capturing(traced, path):
            work()
        said = live.end()
    assert "lost" not in said
    captured = lastack("trace", "--json", "--pcap", str(path))
    assert captured.returncode == 0, captured.stderr
    return [json.loads(line) for line in live.lines], [json.loads(line) for line in captured.stdout.splitlines()]


def _ends(line: dict[str, Any]) -> _Ends:
    return line["orig_h"], line["orig_p"], line["resp_h"], line["resp_p"]


def _by_ends(lines: list[dict[str, Any]]) -> dict[_Ends, list[tuple[str, str | None, str | None, str]]]:
    found = defaultdict(list)
    for line in sorted(lines, key=lambda one: str(one["start"])):
        teardown = line["teardown"]
        kinds = line["handshake"]["kind"], teardown["active_closer"], teardown["kind"], line["time_wait"]
        found[_ends(line)].append(kinds)
    return dict(found)


def _client(server: str) -> None:
    """One connection to each of the server's ports, one to a port where nobody listens, one that nobody answers."""
    for port in (90, 91, 92, 93, 94):
        with socket.create_connection((server, port)) as one:
            if port == 92:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif port == 94:
                one.send(b"ab")
            elif port == 93:
                one.shutdown(socket.SHUT_WR)
            if port in {91, 94}:
                with suppress(ConnectionResetError):
                    while one.recv(100):
                        pass
    with suppress(ConnectionRefusedError):
        socket.create_connection((server, 95))


def test_ends_of_every_kind(lab: Lab, tmp_path: Path) -> None:
    """Resets by either side, a half-closed connection and a refused one are told as a capture tells them."""
    address = lab.links[0].server(4)

    server = lab.server.popen([sys.executable, "-c", _SERVER, address], stdin=-1, stdout=-1, text=True)
    try:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
        # Of the client's namespace: where nobody listens, there is no socket.
        live, captured = _lines(lab.client, tmp_path / "ends.pcap", lambda: lab.client.call(_client, address))
    finally:
        server.kill()
        server.communicate()
    told, seen = _by_port(live), _by_port(captured)
    assert told == seen
    assert {port: kinds[2] for port, kinds in seen.items()} == {
        90: seen[90][2],  # in three segments or in four: as the server's kernel had it
        91: "reset",
        92: "reset",
        93: "half-closed",  # the server never closes
        94: "reset",
        95: "reset",
    }


def _by_port(lines: list[dict[str, Any]]) -> dict[int, tuple[str, str | None, str | None, str, str | None]]:
    return {
        line["resp_p"]: (
            line["handshake"]["kind"],
            line["teardown"]["active_closer"],
            line["teardown"]["kind"],
            line["time_wait"],
            line["teardown"]["reset_by"],
        )
        for line in lines
        if 90 <= line["resp_p"] < 100
    }


def test_the_labs_loads(lab: Lab, tmp_path: Path) -> None:
    """Handshake, closer, teardown and TIME_WAIT agree for every connection of every load, and none is missing."""

    def work() -> None:
        for load in _LOADS:
            lab.start(load).report()

    live, captured = _lines(lab.server, tmp_path / "all.pcap", work)
    told, seen = _by_ends(live), _by_ends(captured)
    assert len(seen) > 500
    differing = {ends: (told.get(ends), seen[ends]) for ends in seen if told.get(ends) != seen[ends]}
    assert not differing
    assert not [line for line in live if _ends(line) not in seen]
