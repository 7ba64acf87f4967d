"""Real changes under a real load, each in a lab of its own, sampled before and after as an administrator would."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from lastack.kernel.sampler import take_sample
from lastack.lab import Lab
from lastack.model.flow import Moment

__all__ = ["CHANGES", "Change", "Work", "make_all"]

_ROOT = Path(__file__).parents[2]
_SETTLED_S = 63  # TIME_WAIT lasts for 60
_BEGUN_S = 2.5


class Work(NamedTuple):
    """What the host does.

    Attributes:
        rate: requests a second.
        requests: on each connection.
        closer: who closes first, ``server`` or ``client``.
        outgoing: whether the host whose samples are compared asks, and does not answer.
    """

    rate: float = 60.0
    requests: int = 1
    closer: str = "server"
    outgoing: bool = False


class Change(NamedTuple):
    """What is different afterwards: the settings, the work, or both."""

    before: Work
    after: Work
    settings: Mapping[str, object]
    first: Mapping[str, object] = {}


_LIMIT = "net.ipv4.tcp_max_tw_buckets"
_REUSE = "net.ipv4.tcp_tw_reuse"
_FEW_PORTS = {"net.ipv4.ip_local_port_range": "40000 42000", _REUSE: 0}

CHANGES = {
    "limit lowered": Change(Work(), Work(), {_LIMIT: 500}),
    "load halved, and a limit lowered that is not reached": Change(Work(), Work(rate=30), {_LIMIT: 50_000}),
    "keep-alive, and a shorter fin_timeout": Change(Work(), Work(requests=30), {"net.ipv4.tcp_fin_timeout": 15}),
    "the client closes first, and tw_reuse": Change(Work(), Work(closer="client"), {_REUSE: 1}),
    "tw_reuse of a client": Change(
        Work(rate=30, closer="client", outgoing=True),
        Work(rate=30, closer="client", outgoing=True),
        {_REUSE: 1},
        first=_FEW_PORTS,
    ),
}


def make_all() -> dict[str, tuple[Moment, Moment]]:
    """All of them, side by side: the two moments of each. Takes as long as TIME_WAIT twice."""
    with ProcessPoolExecutor(len(CHANGES), get_context("spawn")) as executor:
        jobs = {name: executor.submit(_make, change) for name, change in CHANGES.items()}
        return {name: job.result() for name, job in jobs.items()}


def _make(change: Change) -> tuple[Moment, Moment]:
    with Lab() as lab:
        lab.server.set({_REUSE: 0} | dict(change.first))
        with _working(lab, change.before):
            before = _sampled(lab)
        lab.server.set(change.settings)
        with _working(lab, change.after):
            return before, _sampled(lab)


def _sampled(lab: Lab) -> Moment:
    """A sample once TIME_WAIT has settled, with one of the beginning."""
    start = time.monotonic()
    _sleep_until(start + _BEGUN_S)
    earlier = lab.server.call(take_sample)
    _sleep_until(start + _SETTLED_S)
    return Moment(lab.server.call(take_sample), earlier)


def _sleep_until(due: float) -> None:
    """The kernel's own minute must pass."""
    time.sleep(max(due - time.monotonic(), 0))


@contextmanager
def _working(lab: Lab, work: Work) -> Iterator[None]:
    answers, asks = (lab.client, lab.server) if work.outgoing else (lab.server, lab.client)
    address = lab.links[0].client(4) if work.outgoing else lab.links[0].server(4)
    program = [sys.executable, "-m", "tests.model.workload"]
    where = [address, "8080", work.closer]
    with (
        answers.popen([*program, "serve", *where], cwd=_ROOT, stderr=subprocess.DEVNULL) as serving,
        asks.popen(
            [*program, "ask", *where, str(work.rate), str(work.requests)], cwd=_ROOT, stderr=subprocess.DEVNULL
        ) as asking,
    ):
        try:
            yield
        finally:
            for process in (asking, serving):
                process.kill()
