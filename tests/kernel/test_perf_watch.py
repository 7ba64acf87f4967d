"""Watching tracepoints on all CPUs."""

import os
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from lastack.errors import InputError
from lastack.kernel.perf_watch import Watch, online
from lastack.kernel.tracepoints_filter import Wanted, condition
from lastack.live.rows import decode, join
from tests.live.tracing import require_tracing, tracepoint

_LOCAL = bytes([127, 0, 0, 1])


def _connect(family: int, address: str) -> int:
    """One connection, opened and closed; the server's port."""
    with socket.create_server((address, 0), family=family) as door:
        port: int = door.getsockname()[1]
        with socket.create_connection((address, port)) as one:
            door.accept()[0].close()
            one.recv(1)
    return port


def _seen(watch: Watch) -> list[tuple[int, int, int]]:
    """State before, state after, remote port of the changes in a portion."""
    rows = join(
        [decode(point, run, lambda octets: np.zeros(len(octets), np.uint64)) for point, run in watch.take().samples]
    )
    ports = (rows.remote & np.uint64(0xFFFF)).tolist()
    mine = [rows.old.tolist(), rows.new.tolist(), ports]
    return list(zip(*mine, strict=True))


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_connections_steps(family: int) -> None:
    """Both sockets' steps are there, in a portion that begins after they were made."""
    require_tracing()
    point = tracepoint()
    with Watch([(point, condition(point, Wanted()))]) as watch:
        port = _connect(family, "127.0.0.1" if family == socket.AF_INET else "::1")
        steps = [(old, new) for old, new, remote in _seen(watch) if remote == port]
        assert steps == [(7, 2), (2, 1), (1, 8), (8, 9), (9, 7)]  # the client's; include/net/tcp_states.h
        assert watch.lost() == 0


def test_the_kernel_filters() -> None:
    """Of two connections, the one with another port does not even reach the ring; nor one of the other family."""
    require_tracing()
    point = tracepoint()
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
        with Watch([(point, condition(point, Wanted(ports=(port,), addresses=(_LOCAL,), family=4)))]) as watch:
            _connect(socket.AF_INET, "127.0.0.1")
            _connect(socket.AF_INET6, "::1")
            socket.create_connection(("127.0.0.1", port)).close()
            steps = [(old, new, remote) for old, new, remote in _seen(watch) if remote]
    # Of others, the first step alone, where the port that it comes from is not chosen yet.
    assert {(old, new) for old, new, remote in steps if remote != port} <= {(7, 2), (10, 3), (3, 1), (1, 8)}
    assert [(old, new) for old, new, remote in steps if remote == port][:3] == [(7, 2), (2, 1), (1, 4)]


def test_until() -> None:
    """A portion says up to when nothing is missing from it."""
    require_tracing()
    point = tracepoint()
    with Watch([(point, "protocol == 6")]) as watch:
        before = time.monotonic_ns()
        assert before <= watch.take().until <= time.monotonic_ns()
        assert watch.since <= before


def test_names_of_processes_that_are_gone() -> None:
    """A program that ends before it is asked about has the name that it had."""
    require_tracing()
    point = tracepoint()
    with Watch([(point, "protocol == 6")]) as watch:
        pid = os.posix_spawnp("true", ["true"], os.environ)
        os.waitpid(pid, 0)
        watch.take()
        assert watch.names.label(pid) == f"true/{pid}"


@pytest.mark.parametrize(("text", "cpus"), [("0\n", [0]), ("0-3\n", [0, 1, 2, 3]), ("0-1,4,6-7\n", [0, 1, 4, 6, 7])])
def test_online(tmp_path: Path, text: str, cpus: list[int]) -> None:
    """CPUs are numbers and ranges."""
    path = tmp_path / "online"
    path.write_text(text)
    assert online(str(path)) == cpus


def test_online_malformed() -> None:
    """What is no list of CPUs is an error."""
    with pytest.raises(InputError):
        online("/nowhere")
