"""The page under load: ten viewers for a while, 5,000 connections a second; memory and dropped streams.

An hour is what matters and more than a benchmark may take: LASTACK_SERVE_S has the seconds, 180 unless said. The slope
is that of resident memory over the second half of the time, and is given an hour's length.
"""

import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from bench.timing import Goal, Result, Timing
from lastack.lab import Lab, Load

__all__ = ["serve"]

_SECONDS = float(os.environ.get("LASTACK_SERVE_S", "180"))
_VIEWERS = 10
_RATE = 5000
_FLAT_MB_PER_HOUR = 10.0
_WARM_S = 75.0  # until TIME_WAIT has filled up, and with it what a sample takes


class _Seen(NamedTuple):
    """What ten viewers saw.

    Attributes:
        frames: of each viewer.
        dropped: streams that ended before their time.
        memory: (seconds, resident KiB) of the server.
        rate: connections a second that were closed, by the last frame's own count.
    """

    frames: list[int]
    dropped: int
    memory: list[tuple[float, int]]
    rate: float


def serve() -> Result:
    """Ten viewers and a load."""
    with Lab() as lab:
        running = lab.start(Load(seconds=_SECONDS + _WARM_S + 60, rate=_RATE, addresses=64, port=8080, processes=2))
        seen = lab.server.call(_watched)
        running.stop()
    half = [(at, kib) for at, kib in seen.memory if at >= seen.memory[-1][0] / 2]
    slope = statistics.linear_regression(*zip(*half, strict=True)).slope * 3600 / 1024
    goals = [
        Goal(
            f"flat memory over {_SECONDS:,.0f} s: at most {_FLAT_MB_PER_HOUR:g} MB an hour",
            f"{slope:+.1f} MB an hour at {half[-1][1] / 1024:.0f} MB",
            abs(slope) <= _FLAT_MB_PER_HOUR,
        ),
        Goal(f"no dropped stream of {_VIEWERS}", f"{seen.dropped} dropped", seen.dropped == 0),
    ]
    every = _SECONDS / max(min(seen.frames), 1)
    return Result(
        f"A page with {_VIEWERS} viewers",
        f"{seen.rate:,.0f} closes a second were in sight; the slowest viewer had {min(seen.frames)} frames, "
        f"one in {every:.1f} s. Memory is the second half's slope.",
        {"from one frame to the next, slowest viewer": Timing([every])},
        goals,
    )


def _watched() -> _Seen:
    """In the lab: the server, and the viewers as threads."""
    command = [sys.executable, "-m", "lastack", "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        port = 0
        for line in server.stderr:
            if found := re.search(r":(\d+)/$", line.strip()):
                port = int(found[1])
                break
        time.sleep(_WARM_S)
        until = time.monotonic() + _SECONDS
        frames, ended, last = [0] * _VIEWERS, [0.0] * _VIEWERS, [b""] * _VIEWERS
        viewers = [
            threading.Thread(target=_view, args=(port, until, at, frames, ended, last)) for at in range(_VIEWERS)
        ]
        for viewer in viewers:
            viewer.start()
        memory = []
        while time.monotonic() < until:
            memory.append((time.monotonic(), _resident_kib(server.pid)))
            time.sleep(1)
        for viewer in viewers:
            viewer.join()
        server.send_signal(signal.SIGTERM)
    begun = memory[0][0]
    closes = re.search(rb'"closes_per_second":\[([\d,]+)\]', last[0])
    rate = statistics.mean(map(int, closes[1].split(b",")[-20:])) if closes else 0.0
    return _Seen(frames, sum(at < until - 5 for at in ended), [(at - begun, kib) for at, kib in memory], rate)


def _view(port: int, until: float, at: int, frames: list[int], ended: list[float], last: list[bytes]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/events")
        response = connection.getresponse()
        while time.monotonic() < until:
            line = response.readline()
            if not line:
                break
            if line.startswith(b"data: "):
                frames[at] += 1
                last[at] = line
    except OSError:
        pass
    finally:
        ended[at] = time.monotonic()
        connection.close()


def _resident_kib(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) if found else 0
