"""Connections out of a capture: lastack beside tshark and tcptrace."""

import sys
import tempfile
from pathlib import Path

from bench import captures
from bench.timing import Goal, Result, Timing, installed, race

__all__ = ["capture"]

_RUNS = 5
_CONNECTIONS, _LARGER = 100_000, 4
_SUMMARY, _JSON = "lastack trace --summary", "lastack trace --json"
_LARGE = f"lastack trace --summary, {_LARGER} times the capture"
_TSHARK, _TCPTRACE = "tshark -q -z conv,tcp", "tcptrace -n -l"

# How many times faster than each: a summary, and every connection as JSON.
_TIMES = {_TSHARK: (8, 5), _TCPTRACE: (12, None)}


def capture() -> Result:
    """A capture of 100,000 short connections, 632,000 packets."""
    with tempfile.TemporaryDirectory() as folder:
        file, larger = Path(folder) / "connections.pcap", Path(folder) / "larger.pcap"
        with file.open("wb") as out:
            packets = captures.write(out, _CONNECTIONS)
        with larger.open("wb") as out:
            captures.write(out, _CONNECTIONS * _LARGER)
        ours = [sys.executable, "-m", "lastack", "trace", "--pcap"]
        commands = {
            _SUMMARY: [*ours, str(file), "--summary"],
            _JSON: [*ours, str(file), "--json"],
            **installed(
                {
                    _TSHARK: ["tshark", "-q", "-z", "conv,tcp", "-r", str(file)],
                    _TCPTRACE: ["tcptrace", "-n", "-l", str(file)],
                }
            ),
        }
        timings = race(commands, _RUNS) | race({_LARGE: [*ours, str(larger), "--summary"]}, 1)
    return Result(
        "A capture",
        f"{_CONNECTIONS:,} short connections in {packets:,} packets. Peak memory: "
        + "; ".join(f"{name} {timing.peak_kib // 1024} MiB" for name, timing in timings.items())
        + ".",
        timings,
        _goals(timings),
    )


def _goals(timings: dict[str, Timing]) -> list[Goal]:
    goals = []
    for other, (summary, json) in _TIMES.items():
        for name, wanted in ((_SUMMARY, summary), (_JSON, json)):
            if other in timings and wanted:
                times = timings[other].median_s / timings[name].median_s
                goals.append(Goal(f"{name}: {wanted} times as fast as {other}", f"{times:.1f} times", times >= wanted))
    growth = timings[_LARGE].peak_kib / timings[_SUMMARY].peak_kib
    goals.append(Goal(f"{_LARGER} times the packets, at most twice the memory", f"{growth:.1f} times", growth <= 2))
    return goals
