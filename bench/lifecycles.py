"""Connections out of a capture: lastack beside tshark and tcptrace."""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.timing import Goal, Result, Timing, installed, peak_kib, race

__all__ = ["capture"]

_WRITER = Path(__file__).with_name("captures.py")
_RUNS = 5
_CONNECTIONS = 100_000

# Captures so many times as large need the same memory: it grows with what is open, not with packets.
_LARGER, _LARGEST = 4, 8
_SUMMARY, _JSON = "lastack trace --summary", "lastack trace --json"
_LARGE, _VAST = (f"lastack trace --summary, {times} times the capture" for times in (_LARGER, _LARGEST))
_TSHARK, _TCPTRACE = "tshark -q -z conv,tcp", "tcptrace -n -l"

# How many times faster than each: a summary, and every connection as JSON.
_TIMES = {_TSHARK: (8, 5), _TCPTRACE: (12, None)}


def capture() -> Result:
    """A capture of 100,000 short connections, 632,000 packets."""
    with tempfile.TemporaryDirectory() as folder:
        file, *larger = (Path(folder) / f"{times}.pcap" for times in (1, _LARGER, _LARGEST))
        packets = _write(file, 1)
        _write(larger[0], _LARGER)
        _write(larger[1], _LARGEST)
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
        timings = race(commands, _RUNS)
        commands |= {name: [*ours, str(path), "--summary"] for name, path in zip((_LARGE, _VAST), larger, strict=True)}
        peaks = {name: peak_kib(command) for name, command in commands.items()}
    return Result(
        "A capture",
        f"{_CONNECTIONS:,} short connections in {packets} packets. Peak memory: "
        + "; ".join(f"{name} {peak // 1024} MiB" for name, peak in peaks.items())
        + ".",
        timings,
        _goals(timings, peaks),
    )


def _goals(timings: dict[str, Timing], peaks: dict[str, int]) -> list[Goal]:
    goals = []
    for other, (summary, json) in _TIMES.items():
        for name, wanted in ((_SUMMARY, summary), (_JSON, json)):
            if other in timings and wanted:
                times = timings[other].median_s / timings[name].median_s
                goals.append(Goal(f"{name}: {wanted} times as fast as {other}", f"{times:.1f} times", times >= wanted))
    growth = peaks[_VAST] / peaks[_LARGE]
    what = f"{_LARGEST} times the capture: a fifth more memory at most than for {_LARGER} times"
    goals.append(Goal(what, f"{growth:.2f} times", growth <= 1.2))
    return goals


def _write(path: Path, times: int) -> str:
    """By a process of its own, whose memory is not ours; gives the number of packets as it says it."""
    command = [sys.executable, str(_WRITER), "--connections", str(_CONNECTIONS * times), str(path)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0]
