"""CPUs that do not idle: one that is silent otherwise (``lastack.kernel.perf_probe``) tells of everything then."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

__all__ = ["awake"]

# With nothing else to do there: as SCHED_IDLE it gives way to everybody.
_SPIN = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print(flush=True)
while os.getppid() == int(sys.argv[2]): pass
"""


@contextmanager
def awake(cpus: Iterable[int]) -> Iterator[None]:
    """Keep these from idling while the block runs."""
    spinning = []
    try:
        for cpu in cpus:
            command = [sys.executable, "-c", _SPIN, str(cpu), str(os.getpid())]
            spinning.append(subprocess.Popen(command, stdout=subprocess.PIPE))
            assert spinning[-1].stdout is not None
            assert spinning[-1].stdout.readline() == b"\n"
        yield
    finally:
        for one in spinning:
            one.kill()
            one.communicate()
