"""The lab: how long a population takes to build and verify, how many connections a second a load makes."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.timing import Goal, Result, Timing, race
from lastack.lab import Lab, Load

__all__ = ["building", "churn"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
_SECONDS = 1.0
# What a second's churn uses up at most, all in TIME_WAIT.
_PORTS = {"net.ipv4.ip_local_port_range": "1024 65535"}


def building() -> Result:
    """Populations, as whole processes: start, namespaces, sockets, verification, end."""
    populations = [
        (["article"], 5, 3.0),
        (["build", "--state", "TIME_WAIT=100000"], 3, 8.0),
        (["build", "--state", "TIME_WAIT=500000"], 1, 40.0),
    ]
    timings: dict[str, Timing] = {}
    goals = []
    for arguments, runs, limit_s in populations:
        name = f"lastack lab {' '.join(arguments)}"
        timings |= race({name: [_LASTACK, "lab", *arguments, "--exec", "true"]}, runs)
        median_s = timings[name].median_s
        goals.append(Goal(f"`{name}`: at most {limit_s:g} s", f"{median_s:.1f} s", median_s <= limit_s))
    remarks = "Built in private namespaces, read back from the kernel and compared: a run that is not exact fails."
    return Result("Populations of the lab", remarks, timings, goals)


def churn(runs: int = 5) -> Result:
    """Connections opened and closed as fast as can be, beside the plainest C."""
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        program = _compiled(Path(folder))
        for _ in range(runs):
            rates.setdefault("the lab, two processes", []).append(_of_lab())
            if program:
                rates.setdefault("C, two threads", []).append(_of_c(program))
    timings = {f"1,000 connections by {name}": Timing([1000 / rate for rate in each]) for name, each in rates.items()}
    ours, *others = timings.values()
    share = others[0].median_s / ours.median_s if others else 0.0
    measured = f"{share:.0%}, {1000 / ours.median_s:,.0f} a second" if others else "no C compiler"
    goal = Goal("load at half the rate of C at least", measured, share >= 0.5)
    remarks = f"{runs} runs of {_SECONDS:g} s in turn, each in a fresh lab. `bench/churn.c` connects over loopback."
    return Result("Load", remarks, timings, [goal])


def _compiled(folder: Path) -> str | None:
    compiler = shutil.which("cc")
    if not compiler:
        return None
    program = folder / "churn"
    subprocess.run([compiler, "-O2", "-pthread", "-o", program, Path(__file__).with_name("churn.c")], check=True)
    return str(program)


def _of_lab() -> float:
    with Lab() as lab:
        lab.client.set(_PORTS)
        report = lab.start(Load(seconds=_SECONDS, processes=2)).report()
    if report.failed:
        raise RuntimeError(f"connections failed: {dict(report.failed)}")
    return report.rate


def _of_c(program: str) -> float:
    with Lab() as lab:
        lab.server.set(_PORTS)
        done = lab.server.run([program, str(_SECONDS)], capture_output=True, text=True, check=True)
    connections, seconds = map(float, done.stdout.split())
    return connections / seconds
