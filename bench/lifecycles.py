"""Connections out of a capture: lastack beside tshark and tcptrace."""

import sys
import tempfile
from pathlib import Path

from bench import captures
from bench.timing import Goal, Result, Timing, installed, race

__all__ = ["capture"]

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
        timings = race(commands, _RUNS) | race(
            {name: [*ours, str(path), "--summary"] for name, path in zip((_LARGE, _VAST), larger, strict=True)}, 1
        )
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
    growth = timings[_VAST].peak_kib / timings[_LARGE].peak_kib
    what = f"{_LARGEST} times the capture: a fifth more memory at most than for {_LARGER} times"
    goals.append(Goal(what, f"{growth:.2f} times", growth <= 1.2))
    return goals


def _write(path: Path, times: int) -> int:
    with path.open("wb") as out:
        return captures.write(out, _CONNECTIONS * times)
