"""Whether each CPU tells of what happens there."""

import os

from lastack.kernel.perf_probe import silent_cpus
from tests.kernel.awake import awake
from tests.live.tracing import require_tracing

_SPIN = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); print(flush=True)\nwhile True: pass"
_NOBODY = 1 << 22  # PID_MAX_LIMIT, include/linux/threads.h: no thread has it


def test_a_cpu_that_never_idles_tells_of_every_nap() -> None:
    """So none is called silent, whatever this kernel does with those that idle; and we run where we ran."""
    require_tracing()
    allowed = os.sched_getaffinity(0)
    with awake(allowed):
        assert silent_cpus() == []
    assert os.sched_getaffinity(0) == allowed


def test_naps_without_a_record_are_noticed() -> None:
    """Of a thread that is not there, no CPU tells."""
    require_tracing()
    allowed = os.sched_getaffinity(0)
    assert silent_cpus(sleeper=_NOBODY) == sorted(allowed)
    assert silent_cpus([min(allowed)], sleeper=_NOBODY) == [min(allowed)]
    assert os.sched_getaffinity(0) == allowed
