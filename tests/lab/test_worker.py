"""A process that keeps an object, and does what it is asked in turn."""

import os
import signal
import time

import pytest

from lastack.errors import RefusedError
from lastack.lab import Lab
from lastack.lab.worker import Worker


class Counter:
    """Something to keep."""

    def __init__(self, start: int = 0) -> None:
        if start < 0:
            raise RefusedError("some-slug", "it cannot start below 0")
        self._number = start

    def add(self, number: int) -> int:
        """The sum so far."""
        self._number += number
        return self._number

    def fail(self) -> None:
        """Raise."""
        raise RefusedError("some-slug", f"at {self._number}")

    def namespace(self) -> str:
        """Where it lives."""
        return os.readlink("/proc/self/ns/net")  # noqa: PTH115 - a string

    def wait(self) -> None:
        """Stay silent."""
        time.sleep(60)

    def die(self) -> None:
        """End as nothing should."""
        os.kill(os.getpid(), signal.SIGKILL)


def test_it_keeps_what_it_has_in_its_namespace(lab: Lab) -> None:
    """Posts are answered in order; an error is raised here, and the worker goes on."""
    worker = Worker(lab.server, Counter)
    worker.post("add", 2)
    worker.post("fail")
    worker.post("add", 3)
    assert worker.result() == 2
    with pytest.raises(RefusedError, match="at 2"):
        worker.result()
    assert worker.result() == 5
    assert worker.ask("namespace") == os.readlink(f"/proc/{lab.server.pid}/ns/net")  # noqa: PTH115 - a string
    worker.close()
    worker.close()


def test_what_its_making_raises_is_raised_at_the_first_result(lab: Lab) -> None:
    """However much was posted by then."""
    worker = Worker(lab.server, lambda: Counter(-1))
    worker.post("add", 1)
    with pytest.raises(RefusedError, match="below 0"):
        worker.result()
    worker.close()


def test_a_worker_that_died_and_one_that_is_stuck(lab: Lab) -> None:
    """Are errors that name the namespace."""
    dead, stuck = Worker(lab.server, Counter), Worker(lab.client, Counter)
    with pytest.raises(RefusedError, match="a worker in server died") as caught:
        dead.ask("die")
    assert caught.value.slug == "lab-process-died"
    stuck.post("wait")
    with pytest.raises(RefusedError, match=r"client1 was silent for 0\.1 s") as silent:
        stuck.result(patience_s=0.1)
    assert silent.value.slug == "lab-worker-stuck"
    stuck.close()
    dead.close()
