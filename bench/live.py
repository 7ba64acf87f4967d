"""A live trace beside the load that it watches: what it loses, what it costs, what the load keeps of its rate.

The load is ``churn.c``, in a network namespace of its own: two threads that open and close, and wait for nothing else.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.timing import Goal, Result, Timing

__all__ = ["live"]

_SOURCE = Path(__file__).with_name("churn.c")
_RUNS = 5
_FULL_S, _PACED_S, _PACED = 4, 6, 10_000
_SHOWN = 100_000
_OPENED = "three-way"  # what is left of an earlier load ends in the next one's trace, and was not opened in it
_PORT = "9098"  # the load has it to itself: other benchmarks use churn's own
_HEADING = "Live: a trace of every connection, and the load under it"
_NAMESPACE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
# The host may not have tracefs mounted, and a benchmark does not mount it there.
_TRACEFS = ("unshare", "--mount", "sh", "-c", 'mount -t tracefs nodev /sys/kernel/tracing && exec "$@"', "sh")


class _Load(NamedTuple):
    """What a load did: its connections, the time that they took, and the CPU."""

    connections: int
    seconds: float
    cpu_s: float


class _Trace(NamedTuple):
    """What a trace printed, and the CPU that it took."""

    output: str
    errors: str
    cpu_s: float


def live() -> Result:
    """Race a load alone against the same load with a trace beside it; then a paced one, each connection printed."""
    missing = [name for name in ("cc", "unshare", "ip") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        return Result(_HEADING, f"Not run: it takes root, and {', '.join(missing) or 'its tools'}.", {}, [])
    with tempfile.TemporaryDirectory() as folder:
        churn = str(Path(folder) / "churn")
        subprocess.run(["cc", "-O2", "-pthread", "-o", churn, str(_SOURCE)], check=True)
        alone, traced, traces = [], [], []
        for _ in range(_RUNS):  # in turn, so that what disturbs the machine disturbs both
            alone.append(_load(churn, _FULL_S, 0))
            load, trace = _traced(churn, [str(_FULL_S), "0"], "--summary", "--json")
            traced.append(load)
            traces.append(trace)
        paced, printed = _traced(churn, [str(_PACED_S), str(_PACED)], "--json")
    timings = {
        f"{_SHOWN:,} connections of the load, alone": _timing(alone),
        f"the same, under `lastack trace --summary --port {_PORT}`": _timing(traced),
    }
    return Result(
        _HEADING, _remarks(alone, traced, traces, paced), timings, _goals(alone, traced, traces, paced, printed)
    )


def _load(churn: str, *arguments: object) -> _Load:
    process = subprocess.Popen([*_NAMESPACE, churn, *map(str, arguments), _PORT], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        words = process.stdout.read().split()
    cpu_s = _wait(process)
    return _Load(int(words[0]), float(words[1]), cpu_s)


def _traced(churn: str, load: Sequence[str], *options: str) -> tuple[_Load, _Trace]:
    """A load under a trace that watches its port alone."""
    command = [*_TRACEFS, sys.executable, "-m", "lastack", "trace", "--port", _PORT, *options]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE, text=True)
        assert process.stderr
        with process.stderr:
            watching = process.stderr.readline()
            if "watch" not in watching:
                raise RuntimeError(watching + process.stderr.read())
            done = _load(churn, *load)
            os.kill(process.pid, signal.SIGINT)  # Popen's own would reap it, and its CPU time with it
            errors = process.stderr.read()
        cpu_s = _wait(process)
        output.seek(0)
        return done, _Trace(output.read(), errors, cpu_s)


def _wait(process: "subprocess.Popen[str]") -> float:
    """Its CPU seconds, those of its children included."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_utime + usage.ru_stime


def _timing(loads: Sequence[_Load]) -> Timing:
    return Timing([load.seconds * _SHOWN / load.connections for load in loads])


def _rate(loads: Sequence[_Load]) -> float:
    return statistics.median(load.connections / load.seconds for load in loads)


def _cpu_us(loads: Sequence[_Load]) -> float:
    """CPU of a connection, microseconds."""
    return 1e6 * statistics.median(load.cpu_s / load.connections for load in loads)


def _remarks(alone: Sequence[_Load], traced: Sequence[_Load], traces: Sequence[_Trace], paced: _Load) -> str:
    cost = statistics.median(trace.cpu_s / load.seconds for trace, load in zip(traces, traced, strict=True))
    return (
        f"A load that takes all that {os.cpu_count()} CPUs have: {_rate(alone):,.0f} connections a second alone, both "
        f"ends here, ten changes of state each; {_rate(traced):,.0f} under a trace, which takes {cost:.2f} of a core. "
        f"A connection takes the load {_cpu_us(alone):.0f} us of CPU alone, {_cpu_us(traced):.0f} us under the trace. "
        f"Then a load of {paced.connections / paced.seconds:,.0f} connections a second, each of them printed as JSON."
    )


def _goals(
    alone: Sequence[_Load], traced: Sequence[_Load], traces: Sequence[_Trace], paced: _Load, printed: _Trace
) -> list[Goal]:
    summaries = [json.loads(trace.output) for trace in traces]
    lost = sum(summary["lost_events"] for summary in summaries)
    seen = sum(summary["handshake"].get(_OPENED, 0) for summary in summaries)
    made = sum(load.connections for load in traced)
    kept = _rate(traced) / _rate(alone)
    lines = sum(json.loads(line)["handshake"]["kind"] == _OPENED for line in printed.output.splitlines())
    share = printed.cpu_s / paced.seconds
    complained = "lost" in printed.errors
    return [
        Goal(
            "`--summary` under full load loses nothing",
            f"{seen:,} of {made:,} seen, {lost} lost",
            lost == 0 and seen == made,
        ),
        Goal("the load keeps 75 % of its rate", f"{100 * kept:.0f} %", kept >= 0.75),
        Goal(
            f"at {_PACED:,} a second every connection is printed",
            f"{lines:,} of {paced.connections:,} in {paced.seconds:.1f} s" + (", some lost" if complained else ""),
            lines == paced.connections and not complained and paced.connections > 0.95 * _PACED * paced.seconds,
        ),
        Goal("printing them takes under half a core", f"{share:.2f}", share < 0.5),
    ]
