"""Which connections are of a namespace, where the kernel takes its time to tell."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from lastack.kernel.namespaces import enter
from lastack.kernel.tracepoints_filter import Wanted
from lastack.lab import Lab
from lastack.live.session import Session
from tests.kernel.private import unavailable
from tests.live.tracing import require_tracing


@contextmanager
def _alone_on_a_cpu() -> Iterator[None]:
    """Nothing else runs where we do, the kernel's own workers included, until we sleep."""
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        unavailable("no real-time scheduling here")
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, before)


def _connection(address: str) -> None:
    """One that its opener closes first."""
    with socket.create_server((address, 0)) as door:
        client = socket.create_connection(door.getsockname())
        server, _ = door.accept()
        client.close()
        server.close()


def test_what_the_kernel_has_yet_to_tell_at_the_end_is_waited_for() -> None:
    """It tells of a socket's end by a worker, which has not come to run when the trace ends."""
    require_tracing()
    with Lab() as lab:
        netns = str(lab.server.pid)
        with Session(Wanted(), netns) as session, _alone_on_a_cpu():
            with enter(netns):
                _connection(lab.links[0].server(4))
            bundles = list(session.bundles(ending=True))
    assert sum(bundle.connections for bundle in bundles) == 1
