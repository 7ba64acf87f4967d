"""A second thread where there is work for two: numpy lets go of the interpreter while it works on columns."""

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import NamedTuple, TypeVar

__all__ = ["ahead", "share_out"]

Item = TypeVar("Item")
Given = TypeVar("Given")
Made = TypeVar("Made")


class _Last(NamedTuple):
    """Nothing follows: the items are at their end, or making the next one raised this."""

    error: BaseException | None


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items, each made while the one before is worked on.

    What is no longer wanted ends once the item under way is made: the making must not wait for long.
    """
    made: SimpleQueue[Item | _Last] = SimpleQueue()
    room = Semaphore(1)
    wanted = True

    def make() -> None:
        error = None
        try:
            for item in items:
                made.put(item)
                room.acquire()
                if not wanted:
                    break
        except BaseException as raised:  # noqa: BLE001 - raised again by who waits for the item
            error = raised
        made.put(_Last(error))

    maker = Thread(target=make, daemon=True)
    maker.start()
    try:
        while not isinstance(item := made.get(), _Last):
            room.release()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        wanted = False
        room.release()
        maker.join()


def share_out(work: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
    """What the work makes of each, two at a time; in their order."""
    turns = iter(enumerate(given))
    made: dict[int, Made] = {}
    errors: list[BaseException] = []

    def take() -> None:
        for number, one in turns:
            try:
                made[number] = work(one)
            except BaseException as raised:  # noqa: BLE001 - raised again by who waits for both
                errors.append(raised)
            if errors:
                break

    second = Thread(target=take, daemon=True)
    second.start()
    take()
    second.join()
    if errors:
        raise errors[0]
    return [made[number] for number in range(len(given))]
