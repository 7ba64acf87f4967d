"""The hub: frames to many, none kept for the slow."""

import asyncio

from lastack.metrics.family import Cost
from lastack.web.frame import Shot, shoot
from lastack.web.hub import Hub
from tests.model.samples import cohort, sample


def shot(number: int) -> Shot:
    """Of a host with so many sockets."""
    return shoot(sample(cohort("ESTABLISHED", number)), None, Cost(0.0, 0.0))


async def _slow_viewer() -> list[bytes]:
    hub = Hub(2)
    hub.open()
    hub.publish(shot(1))
    await hub.fresh()
    frames = hub.frames()
    seen = [await anext(frames)]
    for number in range(2, 50):
        hub.publish(shot(number))
    await asyncio.sleep(0)
    seen.append(await anext(frames))
    hub.publish(shot(50))
    seen.append(await anext(frames))
    hub.close()
    seen += [frame async for frame in frames]
    return seen


def test_a_slow_viewer_gets_the_last_frame() -> None:
    """Not all that it missed; then the next one; and an end."""
    seen = asyncio.run(_slow_viewer())
    assert [frame.split(b'"total":')[1].split(b",")[0] for frame in seen] == [b"1", b"49", b"50"]
    assert [frame.splitlines()[:2] for frame in seen[:1]] == [[b"event: frame", b"id: 1"]]
    assert all(frame.endswith(b"}\n\n") and frame.count(b"\n") == 4 for frame in seen)


async def _places() -> tuple[list[bool], int]:
    hub = Hub(2)
    with hub.place() as first, hub.place() as second, hub.place() as third:
        admitted = [first, second, third]
    return admitted, hub.streams


def test_places_are_counted() -> None:
    """And given back, those that were none too."""
    assert asyncio.run(_places()) == ([True, True, False], 0)


def test_nobody_listens_before_and_after() -> None:
    """To publish is then no error: the sampler does not wait for the server."""
    hub = Hub(1)
    hub.publish(shot(1))
    asyncio.run(_open(hub))
    hub.publish(shot(2))
    assert hub.last is None


async def _asked() -> tuple[list[int], list[int]]:
    hub = Hub(1, fresh_s=0.2)
    hub.open()
    numbers = iter(range(1, 10))
    asked: list[int] = []

    def ask() -> None:
        asked.append(next(numbers))
        hub.publish(shot(asked[-1]))

    hub.ask = ask
    seen = [(await hub.fresh()).model.total for _ in range(2)]
    await asyncio.sleep(0.3)
    seen.append((await hub.fresh()).model.total)
    return asked, seen


def test_who_wants_one_now_gets_a_fresh_one() -> None:
    """The last one while it is fresh, and else one is asked for."""
    asked, seen = asyncio.run(_asked())
    assert asked == [1, 2]
    assert seen == [1, 1, 2]


async def _open(hub: Hub) -> None:
    hub.open()
