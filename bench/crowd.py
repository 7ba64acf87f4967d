"""What others feel of a look at half a million sockets: connections to the port that they are on."""

import socket
import struct
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from bench.timing import Goal, Result, Timing
from lastack.kernel.sampler import take_sample
from lastack.lab import Cohort, Lab

__all__ = ["crowd"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
# The question that a sample does not ask there.
_ASK = """
from lastack.kernel.bound_ports import read_bound_ports
read_bound_ports(0)
"""
_NOTHING, _SAMPLE, _QUESTION = "nothing else", "lastack snapshot", "the ports that are bound and not connected"
_COMMANDS = {
    _NOTHING: ["sleep", "0.3"],
    _SAMPLE: [_LASTACK, "snapshot"],
    _QUESTION: [sys.executable, "-c", _ASK],
}
_RST = struct.pack("=ii", 1, 0)  # SO_LINGER: close without a TIME_WAIT of our own
_PAUSE_S = 0.0005
_MOST_S = 0.010


def crowd(sockets: int = 500_000, runs: int = 7) -> Result:
    """The longest of many connect(), one after the other, to a listener on the port that all of them are on."""
    with Lab() as lab:
        lab.populate([Cohort("TIME_WAIT", sockets)])
        longest = lab.server.call(partial(_longest, runs))
    sample = longest[_SAMPLE].median_s
    return Result(
        f"connect() to a port with {sockets:,} TIME_WAIT",
        f"The longest of some hundred in a row, while something else runs; {runs} runs in turn.",
        {f"connect(), {name} meanwhile": timing for name, timing in longest.items()},
        [
            Goal(
                "a sample holds up no connect() for more than 10 ms",
                f"{sample * 1000:.1f} ms",
                sample <= _MOST_S,
            )
        ],
    )


def _longest(runs: int) -> dict[str, Timing]:
    largest = take_sample(rows=1).cohorts[0]
    longest: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    with socket.create_server((str(largest.local), largest.local_port or 0)) as listening:
        for _ in range(runs):
            for name, command in _COMMANDS.items():
                longest[name].append(_longest_beside(command, listening))
    return {name: Timing(seconds) for name, seconds in longest.items()}


def _longest_beside(command: list[str], listening: socket.socket) -> float:
    longest = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as beside:
        while beside.poll() is None:
            begin = time.perf_counter()
            with socket.create_connection(listening.getsockname()):
                longest = max(longest, time.perf_counter() - begin)
                accepted, _ = listening.accept()
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
                accepted.close()
            time.sleep(_PAUSE_S)
    return longest
