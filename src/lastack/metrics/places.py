"""Series by listener, destination and program: the largest, and the rest as one."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from lastack.metrics.family import UNKNOWN, Row, Scene, largest
from lastack.model.destinations import Destination

__all__ = ["close_wait", "of_destinations", "of_listeners"]


class _Listener(NamedTuple):
    """Sockets that listen on one address and port together."""

    queue: int = 0
    capacity: int = 0
    half_open: int = 0
    fill: float = 0.0

    def plus(self, other: "_Listener") -> "_Listener":
        return _Listener(
            self.queue + other.queue,
            self.capacity + other.capacity,
            self.half_open + other.half_open,
            max(self.fill, other.fill),
        )


def _listeners(scene: Scene) -> Iterator[tuple[str, _Listener]]:
    found: dict[str, _Listener] = {}
    for queue in scene.model.accept_queues:
        one = _Listener(queue.queue or 0, queue.capacity or 0, 0, queue.fill or 0.0)
        found[queue.label] = found.get(queue.label, _Listener()).plus(one)
    for syn in scene.model.syn_queues:
        found[syn.label] = found.get(syn.label, _Listener()).plus(_Listener(half_open=syn.half_open))
    # By port, not by queue: which listeners have a series of their own must not change with every scrape.
    ordered = sorted(found.items(), key=lambda item: (int(item[0].rpartition(":")[2]), item[0]))
    return largest(ordered, _Listener.plus)


def of_listeners(value: Callable[[_Listener], float]) -> Callable[[Scene], Iterator[Row]]:
    """The rows of a family that says this of each listener, in the order of their ports."""
    return lambda scene: (Row((label,), value(one)) for label, one in _listeners(scene))


class _Place(NamedTuple):
    """What a destination uses, and how long its ports last; None: not known, or for ever."""

    used: int
    time_wait: int
    headroom: int | None
    exhausted_in_s: int | None

    def plus(self, other: "_Place") -> "_Place":
        """Of several: what they use together, and the worst of how they stand."""
        return _Place(
            self.used + other.used,
            self.time_wait + other.time_wait,
            _least(self.headroom, other.headroom),
            _least(self.exhausted_in_s, other.exhausted_in_s),
        )


def _least(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)


def _place(one: Destination) -> _Place:
    headroom, exhausted_in_s = (one.outlook.headroom, one.outlook.exhausted_in_s) if one.outlook else (None, None)
    return _Place(one.in_use, one.time_wait, headroom, exhausted_in_s)


def of_destinations(value: Callable[[_Place], float | None]) -> Callable[[Scene], Iterator[Row]]:
    """The rows of a family that says this of each destination, the fullest first; where it is known."""

    def rows(scene: Scene) -> Iterator[Row]:
        places = ((one.label, _place(one)) for one in scene.model.destinations)
        for label, place in largest(places, _Place.plus):
            number = value(place)
            if number is not None:
                yield Row((label,), number)

    return rows


def close_wait(scene: Scene) -> Iterator[Row]:
    """CLOSE_WAIT by program."""
    by_name: dict[str, float] = {}
    for one in scene.model.close_wait:
        name = one.name or (UNKNOWN if one.accepted else "(not accepted)")
        by_name[name] = by_name.get(name, 0.0) + one.count
    return (Row((name,), count) for name, count in largest(by_name.items(), float.__add__))
