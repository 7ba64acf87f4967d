"""One thread looks at the kernel, for all viewers and for Prometheus; what it saw last is there for everybody."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from lastack.errors import LastackError
from lastack.kernel.sampler import take_sample
from lastack.metrics.family import Cost
from lastack.model.flow import Moment
from lastack.web.frame import Shot, shoot

if TYPE_CHECKING:
    from lastack.model.sample import Sample

__all__ = ["WINDOW_S", "Sampler"]

# What rates are means of: long enough to even out bursts, short enough to be the present.
WINDOW_S = 10.0


class Sampler:
    """Samples the namespace that the thread was started in, on a beat.

    Args:
        every_s: from one sample to the next.
        netns: the name that the namespace was asked for by, if it was.
        publish: told of each shot, in the sampler's thread.
        complain: told why a sample failed; the next one is tried all the same.
    """

    def __init__(
        self, every_s: float, netns: str | None, publish: Callable[[Shot], None], complain: Callable[[str], None]
    ) -> None:
        self._every_s = every_s
        self._netns = netns
        self._publish = publish
        self._complain = complain
        self._recent: deque[Sample] = deque()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sample that is being taken."""
        self._ended.set()
        self._thread.join()

    def moment(self) -> Moment | None:
        """The last sample, and the one of some seconds before; None: there is none yet."""
        recent = list(self._recent)
        return Moment.last_of(recent) if recent else None

    def _run(self) -> None:
        due = time.monotonic()
        failing = ""
        while not self._ended.is_set():
            try:
                self._publish(self._shot())
                failing = ""
            except LastackError as error:
                if error.message != failing:
                    failing = error.message
                    self._complain(failing)
            due = max(due + self._every_s, time.monotonic())
            self._ended.wait(due - time.monotonic())

    def _shot(self) -> Shot:
        begun, cpu = time.perf_counter(), time.thread_time()
        sample = take_sample(self._netns)
        cost = Cost(time.perf_counter() - begun, time.thread_time() - cpu)
        # The newest that is as old as the window, or the oldest there is.
        while len(self._recent) > 1 and sample.uptime_s - self._recent[1].uptime_s >= WINDOW_S:
            self._recent.popleft()
        previous = self._recent[0] if self._recent else None
        self._recent.append(sample)
        return shoot(sample, previous, cost)
