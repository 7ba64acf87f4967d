"""A scrape of /metrics beside the counting census and beside Debian's node_exporter, at half a million sockets."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from bench.timing import Goal, Result, Timing, race
from lastack.lab import Cohort, Lab
from lastack.web.scrapes import SHARE

__all__ = ["scrape"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
_CENSUS = "lastack census --like netstat, the whole process"
_OURS, _THEIRS = "GET /metrics of lastack serve", "GET /metrics of node_exporter's tcpstat"
_NODE_EXPORTER, _THEIR_PORT = "prometheus-node-exporter", 9100
_TIME_WAIT = re.compile(
    rb'^(lastack_sockets\{state="TIME_WAIT|node_tcp_connection_states\{state="time_wait)"', re.MULTILINE
)
_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_S = 2.5  # what serve has seen is good for 2 s, and no scrape is to live on that


class _Server(NamedTuple):
    pid: int
    port: int


class _Cost(NamedTuple):
    """Of each scrape, and CPU time of the server from the first to the end of the last."""

    seconds: list[float]
    cpu_s: float


def scrape(sockets: int = 500_000, runs: int = 9) -> Result:
    """Whole scrapes, as Prometheus has them: over HTTP, the answer read."""
    heading = f"A scrape of {sockets:,} sockets"
    if not shutil.which(_NODE_EXPORTER):
        return Result(heading, f"Not run: {_NODE_EXPORTER} is not installed.", {}, [])
    with Lab() as lab:
        lab.populate([Cohort("TIME_WAIT", sockets)])
        census, costs = lab.server.call(partial(_measured, runs))
    ours, theirs = costs[_OURS], costs[_THEIRS]
    timings = {_CENSUS: census} | {name: Timing(cost.seconds) for name, cost in costs.items()}
    times = timings[_OURS].median_s / census.median_s
    cpu = theirs.cpu_s / ours.cpu_s
    goals = [
        Goal("a scrape: at most 1.3 times the counting census", f"{times:.2f} times", times <= 1.3),
        Goal("node_exporter's tcpstat: at least 5 times the CPU of it", f"{cpu:.1f} times", cpu >= 5),
    ]
    each = ", ".join(f"{cost.cpu_s / runs * 1000:.0f} ms by {name}" for name, cost in costs.items())
    remarks = (
        f"One namespace, server side of short connections; {runs} scrapes in turn. CPU time a scrape: {each}. Besides, "
        f"`serve` tells the sockets apart, for what is not counted, every {SHARE} times what that takes: 1/{SHARE} of "
        "a core."
    )
    return Result(heading, remarks, timings, goals)


def _measured(runs: int) -> tuple[Timing, Mapping[str, _Cost]]:
    with _lastack() as ours, _node_exporter() as theirs:
        servers = {_OURS: ours, _THEIRS: theirs}
        for server in servers.values():
            _get(server.port)  # the first one opens and imports
        before = {name: _cpu_s(server.pid) for name, server in servers.items()}
        seconds: dict[str, list[float]] = {name: [] for name in servers}
        census: list[float] = []
        for _ in range(runs):
            time.sleep(_EVERY_S)
            census += race({_CENSUS: [_LASTACK, "census", "--like", "netstat"]}, 1)[_CENSUS].seconds
            for name, server in servers.items():
                seconds[name].append(_get(server.port))
        costs = {name: _Cost(seconds[name], _cpu_s(servers[name].pid) - before[name]) for name in servers}
    return Timing(census), costs


def _get(port: int) -> float:
    begin = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    taken = time.perf_counter() - begin
    assert response.status == 200, body
    assert _TIME_WAIT.search(body)
    return taken


def _cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICKS  # utime, stime: proc_pid_stat(5)


@contextmanager
def _lastack() -> Iterator[_Server]:
    command = [_LASTACK, "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(found for line in process.stderr if (found := re.search(r":(\d+)/$", line.strip())))
        yield _Server(process.pid, int(said[1]))
        process.terminate()


@contextmanager
def _node_exporter() -> Iterator[_Server]:
    address = f"--web.listen-address=127.0.0.1:{_THEIR_PORT}"
    command = [_NODE_EXPORTER, "--collector.disable-defaults", "--collector.tcpstat", address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        _wait_for(_THEIR_PORT)
        yield _Server(process.pid, _THEIR_PORT)
        process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            _get(port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
