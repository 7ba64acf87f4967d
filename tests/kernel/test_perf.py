"""Rings that the kernel writes to."""

import os
import socket

import pytest

from lastack.errors import RefusedError
from lastack.kernel.perf import RECORD_SAMPLE, Ring, open_tracepoint
from lastack.kernel.perf_records import RECORD_LOST, lost_in, runs
from tests.kernel.private import run_as_nobody
from tests.live.tracing import require_tracing, tracepoint

_SMALL = 1 << 14


def _listen(times: int) -> None:
    """So many times two changes of state, on this CPU: CLOSE to LISTEN, and back."""
    for _ in range(times):
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            door.listen()


def _samples(ring: Ring) -> tuple[int, int]:
    """Samples, and what LOST records say, of what lies in a ring."""
    found = list(runs(ring.take()))
    return (
        sum(run.number for run in found if run.kind == RECORD_SAMPLE),
        sum(lost_in(run) for run in found if run.kind == RECORD_LOST),
    )


def _after(ring: Ring, affinity: set[int]) -> None:
    ring.close()
    os.sched_setaffinity(0, affinity)


def test_samples_and_losses_add_up() -> None:
    """What finds no room is counted: taken and lost together are what happened, also where the ring wraps."""
    require_tracing()
    affinity = os.sched_getaffinity(0)
    cpu = min(affinity)
    os.sched_setaffinity(0, {cpu})
    ring = Ring(open_tracepoint(tracepoint().number, cpu, _SMALL // 2), _SMALL)
    try:
        # Other tests' sockets on this CPU do not pass.
        ring.filter("(newstate == 10 || oldstate == 10) && sport >= 20000 && common_pid == " + str(os.getpid()))
        ring.enable()
        taken = 0
        for _ in range(5):
            _listen(30)
            taken += _samples(ring)[0]
        assert taken == 5 * 2 * 30
        _listen(500)
        kept = _samples(ring)[0]
        assert 0 < kept < 1000
        _listen(1)
        again, told = _samples(ring)
        assert again == 2
        assert told == 1000 - kept
        assert ring.lost() in {None, 1000 - kept}
    finally:
        _after(ring, affinity)


def test_a_filter_that_is_none() -> None:
    """A condition that the kernel does not understand is refused, and named."""
    require_tracing()
    ring = Ring(open_tracepoint(tracepoint().number, 0, 1), _SMALL)
    with pytest.raises(RefusedError, match="colour == 5"):
        ring.filter("colour == 5")
    ring.close()


def _refusal() -> str:
    try:
        open_tracepoint(1, 0, 1)
    except RefusedError as error:
        return f"{error.slug}: {error.message}; {error.hint}"
    return ""


def test_an_ordinary_user() -> None:
    """Who may not watch is told what it takes, and what works without."""
    said = run_as_nobody(_refusal)
    assert said.startswith("perf-forbidden")
    assert "CAP_PERFMON" in said
    assert "--ends" in said
