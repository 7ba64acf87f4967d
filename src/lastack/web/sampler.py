"""One thread looks at the kernel, for all viewers and for Prometheus; what it saw last is there for everybody.

It looks on a beat while somebody watches, and else when somebody asks. On hosts where a look takes long the beat is
slower, so that all of it takes a twentieth of a core at most.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from lastack.errors import LastackError
from lastack.kernel.holdings import Holdings
from lastack.kernel.sampler import take_sample
from lastack.metrics.family import Cost
from lastack.model.flow import Moment
from lastack.web.frame import Shot, shoot

if TYPE_CHECKING:
    from lastack.model.sample import Sample

__all__ = ["WINDOW_S", "Sampler"]

_SHARE = 20

# What rates are means of: long enough to even out bursts, short enough to be the present.
WINDOW_S = 10.0


class Sampler:
    """Samples the namespace that the thread was started in, on a beat.

    Args:
        every_s: from one sample to the next.
        netns: the name that the namespace was asked for by, if it was.
        publish: told of each shot, in the sampler's thread.
        complain: told why a sample failed; the next one is tried all the same.
        watched: whether somebody watches.
    """

    def __init__(
        self,
        every_s: float,
        netns: str | None,
        publish: Callable[[Shot], None],
        complain: Callable[[str], None],
        watched: Callable[[], bool],
    ) -> None:
        self._every_s = every_s
        self._netns = netns
        self._holdings = Holdings()
        self._publish = publish
        self._complain = complain
        self._watched = watched
        self._asked = threading.Event()
        self._recent: tuple[Sample, ...] = ()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sample that is being taken."""
        self._ended.set()
        self._asked.set()
        self._thread.join()

    def look(self) -> None:
        """Somebody wants a sample."""
        self._asked.set()

    def moment(self) -> Moment | None:
        """The last sample, and the one of some seconds before; None: there is none yet."""
        recent = self._recent
        return Moment.last_of(recent) if recent else None

    def _run(self) -> None:
        failing = ""
        while not self._ended.is_set():
            begun, cpu = time.monotonic(), time.thread_time()
            try:
                self._publish(self._shot())
                failing = ""
            except (LastackError, OSError) as error:
                if str(error) != failing:
                    failing = str(error)
                    self._complain(failing)
            self._ended.wait(max(begun + self._every_s - time.monotonic(), 0))
            rest_s = begun + _SHARE * (time.thread_time() - cpu) - time.monotonic()
            self._asked.wait(max(rest_s, 0) if self._watched() else None)
            self._asked.clear()

    def _shot(self) -> Shot:
        begun, cpu = time.perf_counter(), time.thread_time()
        sample = take_sample(self._netns, holdings=self._holdings)
        cost = Cost(time.perf_counter() - begun, time.thread_time() - cpu)
        # The newest that is as old as the window, or the oldest there is.
        old = sum(sample.uptime_s - one.uptime_s >= WINDOW_S for one in self._recent)
        kept = self._recent[max(old - 1, 0) :]
        self._recent = (*kept, sample)
        previous = kept[0] if kept else None
        return shoot(sample, previous, cost)
