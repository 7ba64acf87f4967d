"""The sampler: one thread, a beat, a window."""

import queue
from typing import TYPE_CHECKING

from lastack.lab import Lab
from lastack.web.sampler import Sampler

if TYPE_CHECKING:
    from lastack.web.frame import Shot


def _beats(count: int) -> tuple[list[str], list[float | None], bool]:
    shots: queue.Queue[Shot] = queue.Queue()
    sampler = Sampler(0.1, None, shots.put, lambda _: None, lambda: True)
    sampler.start()
    taken = [shots.get(timeout=20).model for _ in range(count)]
    known = sampler.moment() is not None
    sampler.stop()
    return [one.taken_at for one in taken], [one.change.interval_s if one.change else None for one in taken], known


def test_it_samples_on_a_beat() -> None:
    """Each sample is a new one; rates are over all the time since the first, until that is ten seconds."""
    with Lab() as lab:
        taken, windows, known = lab.server.call(_beats, 6)
    assert taken == sorted(set(taken))
    assert windows[0] is None
    later = [one for one in windows[1:] if one is not None]
    assert later == sorted(later)
    assert 0.45 < later[-1] < 10
    assert known


def _idle() -> tuple[int, int, list[str]]:
    """Shots without anybody who watches, and once somebody has asked."""
    shots: queue.Queue[Shot] = queue.Queue()
    sampler = Sampler(0.05, None, shots.put, lambda _: None, lambda: False)
    sampler.start()
    taken = [shots.get(timeout=20).model.taken_at]
    try:
        shots.get(timeout=1.0)
        surprising = 1
    except queue.Empty:
        surprising = 0
    sampler.look()
    taken.append(shots.get(timeout=20).model.taken_at)
    sampler.stop()
    return surprising, shots.qsize(), taken


def test_nobody_watches_nothing_is_looked_at() -> None:
    """After the first sample it waits to be asked: a page that nobody has open costs nothing."""
    with Lab() as lab:
        surprising, left, taken = lab.server.call(_idle)
    assert (surprising, left) == (0, 0)
    assert taken[0] < taken[1]
