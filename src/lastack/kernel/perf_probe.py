"""Whether the kernel hands over what happens on a CPU while it idles.

It may not: on Linux 6.18 a CPU was seen that gave perf no record of any tracepoint out of its idle task for an hour,
interrupts included, and counted none as lost, while ftrace showed them all. Many segments are handled there. So it is
put to the test: a thread that sleeps is woken by a timer of the CPU that it is on, and each time there is a record.
"""

import os
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing

from lastack.kernel.perf import RECORD_SAMPLE, Ring
from lastack.kernel.perf_records import runs
from lastack.kernel.perf_watch import online, open_ring
from lastack.kernel.tracepoints import find_tracefs, read_tracepoint

__all__ = ["silent_cpus"]

_WAKING = "sched/sched_waking"
_NAPS, _NAP_S = 5, 0.0005
_ROOM = 1 << 13


def silent_cpus(cpus: Sequence[int] | None = None, sleeper: int | None = None) -> list[int]:
    """Those that keep records to themselves; one that never idles meanwhile does not show it.

    Three milliseconds for each. CPUs that we may not run on are left out.

    Args:
        cpus: which to put to the test; None: those online.
        sleeper: the thread to look for; None: ours, which is the one that sleeps.

    Raises:
        RefusedError: ``no-tracefs``, ``tracefs-forbidden``, ``perf-forbidden``, ``no-perf``, ``ring-memory``,
            ``filter-refused``.
    """
    waking = read_tracepoint(_WAKING, find_tracefs())
    if waking is None:
        return []
    condition = f"pid == {threading.get_native_id() if sleeper is None else sleeper}"
    allowed = os.sched_getaffinity(0)
    with ExitStack() as opened:
        rings = {}
        for cpu in sorted(allowed.intersection(online() if cpus is None else cpus)):
            rings[cpu] = opened.enter_context(closing(open_ring(waking, condition, cpu, _ROOM)))
            rings[cpu].enable()
        opened.callback(os.sched_setaffinity, 0, allowed)
        return [cpu for cpu, ring in rings.items() if not _tells(cpu, ring)]


def _tells(cpu: int, ring: Ring) -> bool:
    os.sched_setaffinity(0, {cpu})
    for _ in range(_NAPS):
        time.sleep(_NAP_S)
    return sum(run.number for run in runs(ring.take()) if run.kind == RECORD_SAMPLE) >= _NAPS
