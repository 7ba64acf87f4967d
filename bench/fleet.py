"""The fleet's doctor over a thousand hosts' worth of series, in a real Prometheus."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.fleets import Made, served
from bench.timing import Goal, Result, race
from lastack.kernel.sampler import take_sample
from lastack.lab import Cohort, Lab
from lastack.metrics.exposition import render
from lastack.model.model import Model

__all__ = ["fleet"]

_LASTACK = str(Path(sys.executable).with_name("lastack"))
_DESTINATIONS = 30  # of each host


def fleet(hosts: int = 1000, runs: int = 5) -> Result:
    """So many hosts of 30 destinations each, a hundredth of them out of ports."""
    healthy, sick = _exposition(300), _exposition(300, full=True)
    made = [
        Made(f"10.0.{at // 250}.{at % 250}:9777", f"job{at % 10}", sick if at % 100 == 7 else healthy)
        for at in range(hosts)
    ]
    with tempfile.TemporaryDirectory() as folder, served(made, Path(folder)) as url:
        command = [_LASTACK, "fleet", "doctor", "--prometheus", url, "--range", "10m"]
        report = json.loads(subprocess.run([*command, "--json"], check=True, capture_output=True).stdout)
        timings = race({"lastack fleet doctor": command}, runs)
    seconds, found = timings["lastack fleet doctor"].median_s, sum(bool(_sick(host)) for host in report["hosts"])
    goals = [
        Goal(f"{hosts:,} hosts: at most 5 s", f"{seconds:.1f} s", seconds <= 5),
        Goal("at most 30 queries", f"{report['queries']}", report["queries"] <= 30),
        Goal(f"the {hosts // 100} sick ones, and no others", f"{found}", found == hosts // 100),
    ]
    return Result(
        "The doctor of a fleet",
        f"{hosts:,} hosts in a Prometheus on the same machine, {report['series']:,} series touched; {runs} runs, whole "
        "processes, Prometheus' time included.",
        timings,
        goals,
    )


def _sick(host: dict[str, list[dict[str, str]]]) -> bool:
    return any(fault["severity"] != "notice" for fault in host["faults"])


def _exposition(each: int, *, full: bool = False) -> str:
    """What the exporter says of a real host of so many TIME_WAIT towards each destination."""
    cohorts = [
        Cohort("TIME_WAIT", each, active=True, port=8000 + at, remote=f"198.18.0.{2 + at}")
        for at in range(_DESTINATIONS)
    ]
    with Lab() as lab:
        if full:
            lab.server.set({"net.ipv4.ip_local_port_range": f"32768 {32768 + each - 1}", "net.ipv4.tcp_tw_reuse": 0})
        lab.populate([Cohort("LISTEN", 5), Cohort("ESTABLISHED", 200), *cohorts])
        return lab.server.call(_here)


def _here() -> str:
    return render(Model.of(take_sample()))[0].decode()
